"""What a manager looks at while the queue is there: takings, seats, passes, and the rows behind figures."""

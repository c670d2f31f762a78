"""What customers may spend later: gift cards, balances, place cards, points and promo codes."""

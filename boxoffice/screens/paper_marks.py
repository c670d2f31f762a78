"""How it is marked how far a paper is, wherever papers are listed: a sign, and how it looks."""

from boxoffice.kinds import JobState

MARKS = {
    JobState.QUEUED: ("…", "$text-muted"),
    JobState.BLOCKED: ("!", "bold $text-warning"),
    JobState.SENDING: ("»", "$text-accent"),
    JobState.PRINTED: ("✓", "$text-success"),
    JobState.SENT: ("✓", "$text-success"),
    JobState.UNCERTAIN: ("?", "bold $text-error"),
    JobState.ABANDONED: ("✗", "$text-disabled"),
}

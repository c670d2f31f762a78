"""The three looks of the screens: dark, light, and high contrast for bright halls and tired eyes."""

from textual.theme import Theme

from boxoffice.language import later

DARK = Theme(
    name="sombre",
    primary="#5aa9ff",
    secondary="#8ab4d8",
    accent="#ffb454",
    warning="#ffcc66",
    error="#ff7b72",
    success="#7ee787",
    foreground="#e6e9ef",
    background="#10141b",
    surface="#171c25",
    panel="#1f2733",
    dark=True,
    variables={
        "text-muted": "#8b96a8",
        "text-warning": "#ffcc66",
        "text-error": "#ff8f87",
        "text-success": "#8ddb97",
        "text-accent": "#ffb454",
        "border": "#5aa9ff",
        "block-cursor-foreground": "#0b0f15",
        "block-cursor-background": "#5aa9ff",
        "frame": "#3b4757",
        "button": "#2a3546",
    },
)

LIGHT = Theme(
    name="clair",
    primary="#0b4f9e",
    secondary="#44617f",
    accent="#a34700",
    warning="#8a5a00",
    error="#b3261e",
    success="#17662b",
    foreground="#1a1f27",
    background="#fbfbf8",
    surface="#f1f1ec",
    panel="#e4e6e4",
    dark=False,
    variables={
        "text-muted": "#5c6570",
        "text-warning": "#7d5000",
        "text-error": "#a51d16",
        "text-success": "#17662b",
        "text-accent": "#a34700",
        "border": "#0b4f9e",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-background": "#0b4f9e",
        "frame": "#a9b0b8",
        "button": "#dde2e8",
    },
)

HIGH_CONTRAST = Theme(
    name="contraste",
    primary="#ffff00",
    secondary="#ffffff",
    accent="#00ffff",
    warning="#ffff00",
    error="#ff9a9a",
    success="#00ff66",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#000000",
    dark=True,
    variables={
        "text-muted": "#d8d8d8",
        "text-warning": "#ffff00",
        "text-error": "#ff9a9a",
        "text-success": "#00ff66",
        "text-accent": "#00ffff",
        "border": "#ffffff",
        "block-cursor-foreground": "#000000",
        "block-cursor-background": "#ffff00",
        "frame": "#ffffff",
        "button": "#1c1c1c",
    },
)

TRAINING = Theme(
    name="formation",
    primary="#ffd0ff",
    secondary="#e0a8ff",
    accent="#ffe066",
    warning="#ffd966",
    error="#ffa0a0",
    success="#8dffb0",
    foreground="#ffffff",
    background="#3d0a4f",
    surface="#4d1363",
    panel="#5f1a78",
    dark=True,
    variables={
        "text-muted": "#d9b8e6",
        "text-warning": "#ffd966",
        "text-error": "#ffb3b3",
        "text-success": "#8dffb0",
        "text-accent": "#ffe066",
        "border": "#ff7bff",
        "block-cursor-foreground": "#2a0636",
        "block-cursor-background": "#ff9bff",
        "frame": "#a05cb8",
        "button": "#6f2a88",
    },
)
"""What a training till looks like, whatever theme was chosen: nobody takes it for a real one."""

THEMES = {
    DARK.name: (DARK, later("Sombre")),
    LIGHT.name: (LIGHT, later("Clair")),
    HIGH_CONTRAST.name: (HIGH_CONTRAST, later("Contraste élevé")),
}
"""The themes by name, with what they are called."""

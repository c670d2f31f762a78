"""What a manager does between two queues, by a letter in the management menu."""

from boxoffice.language import later

from .commands import Command

MANAGEMENT = (
    Command(
        "management.reading",
        "",
        "reading",
        later("Lecture X"),
        later("Les chiffres de cette caisse ou de la billetterie, sans rien clore ; P les imprime"),
        in_menu=True,
        letter="x",
    ),
    Command(
        "management.closing",
        "",
        "closing",
        later("Clôtures"),
        later("Clôt les caisses, la journée, le mois et l'année ; relit et réimprime les Z"),
        in_menu=True,
        letter="z",
    ),
    Command(
        "management.cash",
        "",
        "move_cash",
        later("Espèces et tiroir"),
        later("Entrée, sortie ou prélèvement d'espèces ; ouverture du tiroir sans vente"),
        in_menu=True,
        letter="e",
    ),
    Command(
        "management.statements",
        "",
        "statements",
        later("États et exports"),
        later("Relevés des séances, listes d'entrée, semaines ; fichiers CSV, XLSX, FEC et PDF"),
        in_menu=True,
        letter="s",
    ),
    Command(
        "management.health",
        "",
        "health",
        later("Santé du poste"),
        later("Ce qui va et ce qui ne va pas, avec quoi faire ; sauvegardes, archives, journal"),
        in_menu=True,
        letter="d",
    ),
    Command(
        "management.settings",
        "",
        "settings",
        later("Réglages"),
        later("Festival, règles, droits, opérateurs, imprimantes, prix, salles et séances"),
        in_menu=True,
        letter="r",
    ),
)

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
    Command(
        "management.dashboard",
        "",
        "dashboard",
        later("Tableau de bord"),
        later(
            "Les recettes du jour face à hier et à l'an dernier, par qui et comment ; la cadence"
        ),
        in_menu=True,
        letter="t",
    ),
    Command(
        "management.filling",
        "",
        "filling",
        later("Jauges et prévisions"),
        later("Le remplissage d'aujourd'hui et de demain, et quand chaque séance sera complète"),
        in_menu=True,
        letter="j",
    ),
    Command(
        "management.left_tonight",
        "",
        "left_tonight",
        later("Ce qui reste ce soir"),
        later("Les séances à venir du jour qui ont encore des places ; P les imprime pour la file"),
        in_menu=True,
        letter="c",
    ),
    Command(
        "management.passes",
        "",
        "passes_sold",
        later("Pass vendus"),
        later("Les pass par produit, et les places qui restent à prendre"),
        in_menu=True,
        letter="p",
    ),
)

"""What can be done, told once: the keys, the key bar, the menu, the palette and the help are made of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from textual.binding import Binding

from boxoffice.language import _, later


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do. `keys` are separated by commas, the one to show first.

    Some have no key, but a `letter` that chooses them in the menu.
    `label` is short enough for the key bar, `brief` for a narrow one, which leaves off the keys of highest
    `rank`; `says` is the sentence of the palette, the help and the tooltip. They are translated when shown.
    """

    id: str
    keys: str
    action: str
    label: str
    says: str
    in_bar: bool = False
    in_menu: bool = False
    in_palette: bool = True
    brief: str = ""
    rank: int = 9
    letter: str = ""


EVERYWHERE = (
    Command(
        "app.help",
        "f1,ctrl+underscore",
        "app.help",
        later("Aide"),
        later("Toutes les touches de cet écran et ce qu'elles font"),
        in_bar=True,
        brief="?",
        rank=0,
    ),
    Command(
        "app.palette",
        "ctrl+p",
        "app.palette",
        later("Commandes"),
        later("Cherche une commande par son nom"),
        in_palette=False,
    ),
    Command(
        "app.theme",
        "ctrl+y",
        "app.turn_theme",
        later("Thème suivant"),
        later("Sombre, clair ou contraste élevé"),
        in_menu=True,
    ),
    Command(
        "app.leave",
        "ctrl+q",
        "app.leave",
        later("Quitter"),
        later("Ferme le programme ; la session de caisse reste ouverte"),
        in_menu=True,
    ),
)

COUNTER = (
    Command(
        "counter.pass",
        "f2,ctrl+a",
        "sell_pass",
        later("Pass"),
        later("Vend un pass, au nom de son titulaire ; un pass scanné s'ouvre de lui-même"),
        in_bar=True,
        rank=6,
    ),
    Command(
        "counter.customers",
        "f3,ctrl+u",
        "customers",
        later("Client"),
        later("Cherche un client, ou en inscrit un : ses achats, ses pass, ses réservations"),
        in_bar=True,
        rank=5,
    ),
    Command(
        "counter.gift",
        "f4,ctrl+space,ctrl+@",
        "sell_gift",
        later("Cadeau"),
        later("Vend un bon, une carte cadeau ou une carte de places ; vérifie une carte par son code"),
        in_bar=True,
        in_menu=True,
        brief=later("Bon"),
    ),
    Command(
        "counter.reservations",
        "f5,ctrl+x",
        "reservations",
        later("Réserv."),
        later("Réserve le panier sans l'encaisser ; sans panier, montre les réservations"),
        in_bar=True,
        brief=later("Résa"),
        rank=4,
    ),
    Command(
        "counter.reverse",
        "f6,ctrl+e",
        "reverse",
        later("Erreur"),
        later("Je me suis trompé : annule la dernière vente de cette caisse"),
        in_bar=True,
        rank=3,
    ),
    Command(
        "counter.promo_code",
        "f7,ctrl+j",
        "promo_code",
        later("Code promo"),
        later("Entre un code promo, ou retire celui qui est mis"),
        in_bar=True,
        in_menu=True,
        brief=later("Code"),
    ),
    Command(
        "counter.credits",
        "f8,ctrl+v",
        "credits",
        later("Avoirs"),
        later("Répond aux demandes d'avoir : la place reprise est remise en vente, le client crédité"),
        in_bar=True,
        in_menu=True,
    ),
    Command(
        "counter.pay",
        "f9,enter",
        "pay",
        later("Encaisser"),
        later("Passe au règlement du panier"),
        in_bar=True,
        brief=later("Payer"),
        rank=1,
    ),
    Command(
        "counter.menu",
        "f10,ctrl+g",
        "menu",
        later("Gestion"),
        later("Articles, paniers en attente, ventes, verrouillage, thèmes"),
        in_bar=True,
        brief=later("Menu"),
        rank=2,
    ),
    Command(
        "counter.outbox",
        "f12,ctrl+o",
        "outbox",
        later("Impr."),
        later("Impressions : aperçu, renvoi, duplicata"),
        in_bar=True,
        brief=later("Imp"),
        rank=7,
    ),
    Command(
        "counter.products",
        "ctrl+b",
        "products",
        later("Articles"),
        later("Vend un article de la boutique : tour de cou, catalogue, affiche"),
        in_menu=True,
    ),
    Command(
        "counter.park",
        "ctrl+w",
        "park",
        later("Mettre en attente"),
        later("Met le panier en attente avec une note, pour servir le client suivant"),
        in_menu=True,
    ),
    Command(
        "counter.recall",
        "ctrl+r",
        "recall",
        later("Reprendre un panier"),
        later("Reprend un panier mis en attente"),
        in_menu=True,
    ),
    Command(
        "counter.find_sale",
        "ctrl+f",
        "find_sale",
        later("Retrouver une vente"),
        later("Cherche une vente par numéro, billet, montant ou heure"),
        in_menu=True,
    ),
    Command(
        "counter.names",
        "ctrl+n",
        "names",
        later("Noms des spectateurs"),
        later("Saisit les noms à imprimer sur les billets nominatifs de la ligne choisie"),
        in_menu=True,
    ),
    Command(
        "counter.empty",
        "ctrl+d",
        "empty",
        later("Vider le panier"),
        later("Vide le panier, après confirmation"),
        in_menu=True,
    ),
    Command(
        "counter.lock",
        "ctrl+l",
        "lock",
        later("Verrouiller"),
        later("Verrouille la caisse ; le panier est gardé"),
        in_menu=True,
    ),
    Command(
        "counter.log_out",
        "ctrl+t",
        "log_out",
        later("Changer d'opérateur"),
        later("Quitte la caisse et revient à l'écran de connexion"),
        in_menu=True,
    ),
    Command(
        "counter.close_shift",
        "ctrl+k",
        "close_shift",
        later("Fermer ma session"),
        later("Compte le tiroir et ferme la session de caisse"),
        in_menu=True,
    ),
    Command(
        "counter.screening_changes",
        "ctrl+z",
        "screening_changes",
        later("Annuler ou déplacer une séance"),
        later("Annule ou déplace la séance choisie, et liste qui est concerné"),
        in_menu=True,
    ),
    Command(
        "counter.quantity",
        "asterisk",
        "quantity",
        later("Quantité"),
        later("Change la quantité de la dernière ligne, ou de celle qui est choisie"),
        in_menu=True,
    ),
    Command(
        "counter.opened_tariff",
        "space",
        "sell_opened",
        later("Tarif du code"),
        later("Vend le tarif qu'un code promo ouvre, marqué ◆"),
    ),
    Command(
        "counter.more",
        "plus",
        "more",
        later("Un de plus"),
        later("Une place de plus sur la ligne"),
        in_menu=True,
    ),
    Command(
        "counter.less",
        "minus",
        "less",
        later("Un de moins"),
        later("Une place de moins sur la ligne"),
        in_menu=True,
    ),
    Command(
        "counter.remove",
        "delete",
        "remove",
        later("Retirer la ligne"),
        later("Retire du panier la ligne choisie, ou la dernière"),
        in_menu=True,
    ),
    Command(
        "counter.basket",
        "tab,shift+tab",
        "turn_to_basket",
        later("Panier"),
        later("Passe des séances au panier, et retour"),
    ),
    Command(
        "counter.next_section",
        "ctrl+right,ctrl+s",
        "turn_section(1)",
        later("Section suivante"),
        later("Ne montre que la section suivante, puis toutes"),
    ),
    Command(
        "counter.previous_section",
        "ctrl+left",
        "turn_section(-1)",
        later("Section précédente"),
        later("Ne montre que la section précédente"),
    ),
    Command("counter.next_day", "right", "turn_day(1)", later("Jour suivant"), later("Le jour suivant")),
    Command(
        "counter.previous_day", "left", "turn_day(-1)", later("Jour précédent"), later("Le jour précédent")
    ),
    Command(
        "counter.back",
        "escape",
        "back",
        later("Revenir"),
        later("Efface la recherche, ou revient d'un pas ; ne vide jamais le panier sans demander"),
        in_palette=False,
    ),
    Command(
        "counter.erase",
        "backspace",
        "erase",
        later("Effacer"),
        later("Efface la dernière lettre cherchée"),
        in_palette=False,
    ),
    Command("counter.up", "up", "move(-1)", later("Monter"), later("La ligne au-dessus"), in_palette=False),
    Command(
        "counter.down", "down", "move(1)", later("Descendre"), later("La ligne en dessous"), in_palette=False
    ),
    Command(
        "counter.page_up",
        "pageup",
        "turn_page(-1)",
        later("Page"),
        later("Une page plus haut"),
        in_palette=False,
    ),
    Command(
        "counter.page_down",
        "pagedown",
        "turn_page(1)",
        later("Page"),
        later("Une page plus bas"),
        in_palette=False,
    ),
    Command(
        "counter.first", "home", "go_to_end(-1)", later("Début"), later("La première ligne"), in_palette=False
    ),
    Command(
        "counter.last", "end", "go_to_end(1)", later("Fin"), later("La dernière ligne"), in_palette=False
    ),
)


_KEYS = {
    "enter": later("Entrée"),
    "escape": later("Échap"),
    "backspace": "⌫",
    "delete": later("Suppr"),
    "space": later("Espace"),
    "tab": "Tab",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "home": later("Début"),
    "end": later("Fin"),
    "pageup": later("Page haut"),
    "pagedown": later("Page bas"),
    "asterisk": "*",
    "plus": "+",
    "minus": "-",
    "slash": "/",
    "underscore": "_",
}
_MODIFIERS = {"ctrl": "Ctrl", "shift": later("Maj"), "alt": "Alt"}


def bindings(commands: Iterable[Command]) -> list[Binding]:
    """The commands as Textual's bindings, so that they can be remapped and told about."""
    return [
        Binding(
            command.keys,
            command.action,
            command.label,
            show=command.in_palette,
            tooltip=command.says,
            id=command.id,
        )
        for command in commands
        if command.keys
    ]


def key_name(key: str) -> str:
    """What is written on a key: `F9`, `Entrée`, `Ctrl+W`."""
    *modifiers, last = key.split("+")
    shown = _(_KEYS[last]) if last in _KEYS else last.upper()
    return "+".join([*(_(_MODIFIERS.get(modifier, modifier)) for modifier in modifiers), shown])

"""Who is here, and what not everybody may do."""

from enum import StrEnum


class Role(StrEnum):
    """What a member of the staff is here for."""

    CASHIER = "cashier"
    MANAGER = "manager"
    BADGES = "badges"


class Action(StrEnum):
    """What not everybody may do. Settings are called by these words: none may change, new ones may come."""

    REVERSE_LATE = "reverse_late"
    EXCHANGE_LATE = "exchange_late"
    CANCEL_LATE = "cancel_late"
    ANSWER_CREDITS = "answer_credits"
    CHANGE_SCREENING = "change_screening"
    SEE_TAKINGS = "see_takings"
    SEE_FIGURES = "see_figures"
    CASH_OUT = "cash_out"
    OPEN_DRAWER = "open_drawer"
    ANSWER_DIFFERENCE = "answer_difference"
    CLOSE_OTHERS_SHIFT = "close_others_shift"
    CLOSE_TILL = "close_till"
    CLOSE_DAY = "close_day"
    REPRINT = "reprint"
    REPRINT_ANYTIME = "reprint_anytime"
    REPRINT_CLOSING = "reprint_closing"
    UNBLOCK_PASS = "unblock_pass"
    REPLACE_PASS = "replace_pass"
    CHANGE_HOLDER = "change_holder"
    UNBLOCK_CARD = "unblock_card"
    REPLACE_CARD = "replace_card"
    LENGTHEN_CARD = "lengthen_card"
    GIVE_CARDS = "give_cards"
    MAKE_CODES = "make_codes"
    CORRECT_BALANCE = "correct_balance"
    MERGE_CUSTOMERS = "merge_customers"
    ERASE_CUSTOMERS = "erase_customers"
    EXPORT_FIGURES = "export_figures"
    EXPORT_CUSTOMERS = "export_customers"
    MAKE_ARCHIVE = "make_archive"
    IMPORT_FILES = "import_files"
    CHANGE_SETTINGS = "change_settings"
    CHANGE_STAFF = "change_staff"
    CHANGE_PERMISSIONS = "change_permissions"
    CARE_FOR_KEYS = "care_for_keys"

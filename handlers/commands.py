"""The commands, what each asks, and how Telegram's menu describes them."""

from bot.i18n import Translator
from bot.understanding import Topic

TOPIC_OF_COMMAND: dict[str, Topic] = {
    "next": Topic.NEXT_EXCHANGE,
    "latest": Topic.LATEST_EXCHANGE,
    "history": Topic.EXCHANGE_HISTORY,
    "totals": Topic.EXCHANGE_TOTALS,
    "held": Topic.HELD_IN_CAPTIVITY,
    "included": Topic.WHO_IS_INCLUDED,
    "talks": Topic.TALKS,
    "all_for_all": Topic.ALL_FOR_ALL,
    "statements": Topic.STATEMENT,
    "person": Topic.FIND_PERSON,
    "contacts": Topic.CONTACTS,
    "scam": Topic.SCAM,
    "sources": Topic.SOURCES,
    "privacy": Topic.PRIVACY,
    "about": Topic.ABOUT,
}


def descriptions(tr: Translator) -> dict[str, str]:
    """Command -> what it does, for the menu and for the help."""
    return {
        "next": tr.gettext("The next exchange: what is known"),
        "latest": tr.gettext("The latest exchange"),
        "history": tr.gettext("Past exchanges; add a day, month or year"),
        "totals": tr.gettext("How many people came home"),
        "held": tr.gettext("How many are held in captivity"),
        "included": tr.gettext("Who is exchanged first"),
        "talks": tr.gettext("Talks and agreements"),
        "all_for_all": tr.gettext("All for all: what was said"),
        "statements": tr.gettext("Who said what; add a name"),
        "search": tr.gettext("Search: a name, a day, a number"),
        "person": tr.gettext("About one person: who can tell"),
        "scam": tr.gettext("Somebody wants money or data"),
        "verify": tr.gettext("Is a post genuine; add its code"),
        "contacts": tr.gettext("Official help: who to call"),
        "sources": tr.gettext("Where the information comes from"),
        "export": tr.gettext("The record as a file, for newsrooms"),
        "asof": tr.gettext("For the press: answers as of an earlier day"),
        "changes": tr.gettext("For the press: what was corrected"),
        "chart": tr.gettext("Charts: the numbers as pictures"),
        "press": tr.gettext("For the press: updates by speaker, side, search"),
        "zone": tr.gettext("By whose clock updates come; add a city"),
        "updates": tr.gettext("Updates: which, how often"),
        "stop": tr.gettext("Stop updates"),
        "language": tr.gettext("Change the language"),
        "privacy": tr.gettext("What the bot keeps about people"),
        "mydata": tr.gettext("What the bot keeps about you"),
        "forget": tr.gettext("Delete what the bot keeps about you"),
        "about": tr.gettext("What this bot can do"),
        "help": tr.gettext("Help"),
    }

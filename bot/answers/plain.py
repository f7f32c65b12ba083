"""Answers that need no record: what the bot is, what it keeps, and what it could not understand."""

from markupsafe import Markup

from bot.i18n import Translator
from bot.understanding import Question, Topic


def plain(question: Question, tr: Translator) -> Markup:
    if question.options:
        return tr.html("I am not sure what you are asking. Is it one of these?")
    match question.topic:
        case Topic.ABOUT:
            return about(tr)
        case Topic.COURTESY:
            return tr.html("I am here. Write at any time.")
        case Topic.SOURCES:
            return tr.html(
                "Everything I say comes from published pages. Each answer tells who said it, when, and where it "
                "was published. Where the sides give different accounts, I show both. I never guess: what is "
                "withheld, not stated or unknown to us is called so. To cite an answer, cite the page it names."
            )
        case Topic.SUBSCRIBE | Topic.UNSUBSCRIBE:
            return tr.html("Updates, which ones and how often, are chosen here: /updates")
        case Topic.CHANGE_LANGUAGE:
            return tr.html("Choose the language:")
        case Topic.PRIVACY:
            return tr.html(
                "If you choose a language or updates, I keep your chat's number, sealed so that a copy of the "
                "database does not give it away, the language, your time zone, what you chose of the updates (of "
                "a search that you follow, only words that we have published), and the topics of answers whose "
                "change I shall tell you; of each update sent to you, for 90 days, the number of the message, so "
                "that I can correct it. I keep no names, nothing that you write, and no times. "
                "Until you choose, I keep nothing.\n\n"
                "Telegram itself sees who writes to me and what: chats with bots are not end-to-end encrypted.\n\n"
                "What I keep about you: /mydata. To delete it: /forget. From sealed backups it is gone after 30 "
                "days at most."
            )
        case Topic.CIVILIANS_AND_CHILDREN:
            return tr.html(
                "About detained civilians and deported children our record has no answer of its own. "
                "Where civilians came home in an exchange, the exchange says so: /history\n\n"
                "Those who can help a family: /contacts"
            )
        case _:
            return tr.html(
                "I am sorry, I did not understand the question. I answer about exchanges of prisoners of war: "
                "choose a topic below, or ask in other words."
            )


def about(tr: Translator) -> Markup:
    return tr.html(
        "<b>I can tell you what is known about exchanges of prisoners between Ukraine and Russia.</b>\n"
        "Each answer says who said it, when, and where it was published.\n\n"
        "I have no lists and no names: I cannot tell whether one person will be exchanged. "
        "With such questions, turn to the Coordination Headquarters for the Treatment of Prisoners of War: "
        "/contacts\n\n"
        "Ask in your own words, or choose below."
    )

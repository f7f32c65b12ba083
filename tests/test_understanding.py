"""What people write, and how it is understood. Today is Wednesday, 17 September 2025."""

from collections import Counter
from datetime import date
from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from bot.i18n import LANGUAGES, Language
from bot.understanding import SURE, Period, Question, Topic, examples, linear, meaning, normal, read, train
from bot.understanding.topic import stems
from tests import evaluate

TODAY = date(2025, 9, 17)
MAY_2025 = Period(date(2025, 5, 1), date(2025, 5, 31))


def day(text: str) -> Period:
    return Period(date.fromisoformat(text), date.fromisoformat(text))


def days(first: str, last: str) -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("обмін 19.04.2025", day("2025-04-19")),
        ("обмін 19.04.25?", day("2025-04-19")),
        ("обмен 19/04/2025", day("2025-04-19")),
        ("the exchange of 04/19/2025", day("2025-04-19")),
        ("2025-04-19", day("2025-04-19")),
        ("обмін був 19.04", day("2025-04-19")),
        ("обмін 25.12", day("2024-12-25")),
        ("що було 19 квітня", day("2025-04-19")),
        ("19-го квітня 2025 року", day("2025-04-19")),
        ("19 квітня 2025р.", day("2025-04-19")),
        ("1 серпня 24 року", day("2024-08-01")),
        ("двадцять третього травня", day("2025-05-23")),
        ("двадцать третьего мая 2024 года", day("2024-05-23")),
        ("the exchange on April 19th", day("2025-04-19")),
        ("the exchange on the 19th of April", day("2025-04-19")),
        ("19 April 2025", day("2025-04-19")),
        ("April 19, 2024", day("2024-04-19")),
        ("on the twenty-third of May", day("2025-05-23")),
        ("у середу, 14 травня", day("2025-05-14")),
        ("29 лютого", day("2024-02-29")),
        ("що було 23 числа", day("2025-08-23")),
        ("what happened on the 23rd?", day("2025-08-23")),
        ("17 вересня", day("2025-09-17")),
        ("18 вересня", day("2024-09-18")),
        ("koly buv obmin 19 kvitnya", day("2025-04-19")),
        ("обмін 2 жотвня 2024", day("2024-10-02")),
        ("twenty-first of September twenty twenty-two", day("2022-09-21")),
        ("первого июня две тысячи двадцать четвёртого", day("2024-06-01")),
        ("дев'ятнадцятого квітня дві тисячі двадцять п'ятого", day("2025-04-19")),
        ("на день незалежності у 2024", day("2024-08-24")),
        ("на Великдень 2025-го, 20 квітня", day("2025-04-20")),
    ],
)
def test_days(text: str, period: Period) -> None:
    assert read(text, TODAY).period == period


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("вчора ввечері був обмін?", day("2025-09-16")),
        ("вчера", day("2025-09-16")),
        ("позавчора", day("2025-09-15")),
        ("the day before yesterday", day("2025-09-15")),
        ("сьогоднішній обмін", day("2025-09-17")),
        ("will there be an exchange tomorrow?", day("2025-09-18")),
        ("післязавтра", day("2025-09-19")),
        ("on Monday", day("2025-09-15")),
        ("в понеділок", day("2025-09-15")),
        ("в среду", day("2025-09-17")),
        ("last Wednesday", day("2025-09-10")),
        ("у минулу п'ятницю", day("2025-09-12")),
        ("last Friday", day("2025-09-12")),
        ("next Friday", day("2025-09-19")),
        ("цієї п’ятниці", day("2025-09-19")),
        ("у понеділок минулого тижня", day("2025-09-08")),
        ("три дні тому", day("2025-09-14")),
        ("минулого тижня", days("2025-09-08", "2025-09-14")),
        ("на прошлой неделе", days("2025-09-08", "2025-09-14")),
        ("last week", days("2025-09-08", "2025-09-14")),
        ("next week", days("2025-09-22", "2025-09-28")),
        ("цього тижня", days("2025-09-15", "2025-09-21")),
        ("two weeks ago", days("2025-09-01", "2025-09-07")),
        ("this month", days("2025-09-01", "2025-09-30")),
        ("в прошлом месяце", days("2025-08-01", "2025-08-31")),
        ("в этом году", days("2025-01-01", "2025-12-31")),
        ("торік", days("2024-01-01", "2024-12-31")),
        ("позаминулого року", days("2023-01-01", "2023-12-31")),
        ("last spring", days("2025-03-01", "2025-05-31")),
        ("минулої весни", days("2025-03-01", "2025-05-31")),
        ("прошлым летом", days("2025-06-01", "2025-08-31")),
        ("за останні 10 днів", days("2025-09-08", "2025-09-17")),
        ("за последний месяц", days("2025-08-18", "2025-09-17")),
        ("in the last three months", days("2025-06-18", "2025-09-17")),
        ("скільки повернули за тиждень", days("2025-09-11", "2025-09-17")),
    ],
)
def test_times_told_from_today(text: str, period: Period) -> None:
    assert read(text, TODAY).period == period


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("у червні 2025", days("2025-06-01", "2025-06-30")),
        ("в июне", days("2025-06-01", "2025-06-30")),
        ("in June", days("2025-06-01", "2025-06-30")),
        ("у грудні", days("2024-12-01", "2024-12-31")),
        ("у вересні", days("2025-09-01", "2025-09-30")),
        ("у травні минулого року", days("2024-05-01", "2024-05-31")),
        ("in May", days("2025-05-01", "2025-05-31")),
        ("May 2024", days("2024-05-01", "2024-05-31")),
        ("в мае", days("2025-05-01", "2025-05-31")),
        ("2024 рік", days("2024-01-01", "2024-12-31")),
        ("in 2024", days("2024-01-01", "2024-12-31")),
        ("за 2025-й", days("2025-01-01", "2025-12-31")),
        ("у 2023-му", days("2023-01-01", "2023-12-31")),
        ("в 23-м", days("2023-01-01", "2023-12-31")),
        ("в 24 году", days("2024-01-01", "2024-12-31")),
        ("in the first half of 2024", days("2024-01-01", "2024-06-30")),
        ("перше півріччя", days("2025-01-01", "2025-06-30")),
        ("второе полугодие 2024", days("2024-07-01", "2024-12-31")),
        ("second quarter of 2025", days("2025-04-01", "2025-06-30")),
        ("Q2 2025", days("2025-04-01", "2025-06-30")),
        ("II квартал 2025", days("2025-04-01", "2025-06-30")),
        ("у першій половині червня", days("2025-06-01", "2025-06-15")),
        ("взимку 2024", days("2023-12-01", "2024-02-29")),
        ("зимой 2023-2024", days("2023-12-01", "2024-02-29")),
        ("navesni", days("2025-03-01", "2025-05-31")),
        ("торік у серпні", days("2024-08-01", "2024-08-31")),
        ("в прошлом году в августе", days("2024-08-01", "2024-08-31")),
        ("in May twenty twenty-five", days("2025-05-01", "2025-05-31")),
        ("mid-June", days("2025-06-01", "2025-06-30")),
    ],
)
def test_months_and_longer(text: str, period: Period) -> None:
    assert read(text, TODAY).period == period


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("з травня по серпень 2023", days("2023-05-01", "2023-08-31")),
        ("с мая по август 2023", days("2023-05-01", "2023-08-31")),
        ("from May to August 2023", days("2023-05-01", "2023-08-31")),
        ("травень–серпень", days("2025-05-01", "2025-08-31")),
        ("from November to February", days("2024-11-01", "2025-02-28")),
        ("from November 2023 to February", days("2023-11-01", "2024-02-29")),
        ("between 1 May and 3 June 2025", days("2025-05-01", "2025-06-03")),
        ("23-25 травня 2025", days("2025-05-23", "2025-05-25")),
        ("23–25 травня", days("2025-05-23", "2025-05-25")),
        ("з 1 по 5 травня", days("2025-05-01", "2025-05-05")),
        ("May 1-5, 2025", days("2025-05-01", "2025-05-05")),
        ("01.05-05.05.2025", days("2025-05-01", "2025-05-05")),
        ("з 2022 по 2024", days("2022-01-01", "2024-12-31")),
        ("за 2022 і 2023 роки", days("2022-01-01", "2023-12-31")),
        ("вчора і сьогодні", days("2025-09-16", "2025-09-17")),
        ("today or yesterday", days("2025-09-16", "2025-09-17")),
        ("13 or 14 September 2024", days("2024-09-13", "2024-09-14")),
        ("since January", days("2025-01-01", "2025-09-17")),
        ("з травня", days("2025-05-01", "2025-09-17")),
        ("с 24 февраля 2022", days("2022-02-24", "2025-09-17")),
        ("від початку вторгнення", days("2022-02-24", "2025-09-17")),
        ("since the start of the war", days("2022-02-24", "2025-09-17")),
        ("з початку року", days("2025-01-01", "2025-09-17")),
        ("с начала мая", days("2025-05-01", "2025-09-17")),
        ("year to date", days("2025-01-01", "2025-09-17")),
        ("до червня 2024", days("2022-02-24", "2024-06-30")),
        ("до кінця року", days("2025-09-17", "2025-12-31")),
        ("before March 2023", days("2022-02-24", "2023-02-28")),
        ("after 5 May 2025", days("2025-05-06", "2025-09-17")),
        ("заява від 5 травня", day("2025-05-05")),
    ],
)
def test_from_one_time_to_another(text: str, period: Period) -> None:
    assert read(text, TODAY).period == period


@pytest.mark.parametrize(
    "text",
    [
        "скільки повернули за весь час",
        "how many in all",
        "что сейчас с обменом",
        "31 червня",
        "31 червня 2025",
        "29.02.2025",
        "99 травня",
        "обмін 1000 на 1000",
        "2000 на 2000",
        "йому 25 років",
        "1994 року народження",
        "born on 12.03.1994",
        "родился 3 мая 1990",
        "one more winter",
        "третю зиму чекаю",
        "напиши стих про весну",
        "ему 22 года",
        "з 18 до 25 років",
        "under 25",
        "працюєте 24/7?",
        "о 12:30",
        "+380 44 390 2022",
        "0 800 300 155",
        "3 мої родичі",
        "2022 полонених",
        "may I ask",
        "this may help",
        "we march on",
        "Марта Іваненко",
        "початку кінця початку",
    ],
)
def test_what_is_no_time(text: str) -> None:
    assert read(text, TODAY).period is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("коли обмін", "uk"),
        ("де мій син", "uk"),
        ("koly bude obmin", "uk"),
        ("chy ye miy syn v spyskah", "uk"),
        ("скажіть будь ласка, you know, коли буде наступний обмін", "uk"),
        ("когда обмен", "ru"),
        ("мой муж пропал", "ru"),
        ("kogda budet obmen", "ru"),
        ("подскажите, exchange сегодня был или нет?", "ru"),
        ("next exchange?", "en"),
        ("is my son listed", "en"),
        ("Was there an exchange near Чернігів yesterday?", "en"),
        ("🙏🙏🙏", "uk"),
        ("", "uk"),
    ],
)
def test_languages(text: str, language: str) -> None:
    assert read(text, TODAY).language == language


@pytest.mark.parametrize(
    ("topic", "texts"),
    [
        (
            Topic.DISTRESS,
            ["я не хочу жити без нього", "у меня нет сил, не хочу жить", "I don't want to live anymore"],
        ),
        (
            Topic.SCAM,
            [
                "вимагають гроші за обмін",
                "мошенники просят деньги за сына",
                "a man wants money to add him to the list",
            ],
        ),
        (
            Topic.FIND_PERSON,
            ["чи є мій брат у списках?", "жив ли мой муж, есть ли он в списках", "is my husband alive?"],
        ),
        (
            Topic.FAMILY_STEPS,
            ["куди подавати заяву, якщо чоловік зник безвісти", "куда обращаться, если сын пропал без вести"],
        ),
        (Topic.CONTACTS, ["номер гарячої лінії", "телефон координационного штаба", "hotline phone number please"]),
        (
            Topic.AFTER_RELEASE,
            [
                "реабілітація після полону",
                "сколько длится лечение после обмена",
                "hospital treatment after captivity",
            ],
        ),
        (Topic.NEXT_EXCHANGE, ["коли наступний обмін?", "когда будет обмен", "when is the next exchange?"]),
        (
            Topic.WHO_IS_INCLUDED,
            ["які категорії обмінюють першими", "меняют ли раненых", "are wounded soldiers a priority?"],
        ),
        (Topic.LATEST_EXCHANGE, ["вчора був обмін?", "последний обмен", "was there an exchange today?"]),
        (
            Topic.EXCHANGE_HISTORY,
            ["що було 19 квітня 2025", "обмены в мае 2024", "what happened on 19 April 2025?"],
        ),
        (
            Topic.EXCHANGE_TOTALS,
            [
                "скільки всього обмінів було за 2024",
                "количество обменов за всё время",
                "total number of exchanges",
            ],
        ),
        (Topic.HELD_IN_CAPTIVITY, ["скільки ще в полоні", "сколько ещё в плену", "how many are still held?"]),
        (Topic.ALL_FOR_ALL, ["обмін всіх на всіх", "обмен всех на всех", "all for all"]),
        (
            Topic.CIVILIANS_AND_CHILDREN,
            ["чи повертають цивільних", "депортированные дети", "deported children and civilians"],
        ),
        (Topic.BODIES, ["репатріація тіл загиблих", "опознание тел", "repatriation of the bodies"]),
        (
            Topic.HOW_LISTS_ARE_MADE,
            ["хто складає списки", "кто решает, кто в списках", "who decides on the lists?"],
        ),
        (Topic.STATEMENT, ["що сказав Умєров?", "что сказал Мединский", "what did Zelensky say?"]),
        (Topic.TALKS, ["про що переговори в Стамбулі", "следующий раунд переговоров", "talks in Istanbul"]),
        (
            Topic.SOURCES,
            ["звідки ваші дані, які джерела?", "откуда информация, какой источник", "what is your source?"],
        ),
        (Topic.SUBSCRIBE, ["підпишіть мене на новини", "подпишите меня", "subscribe me to updates"]),
        (Topic.UNSUBSCRIBE, ["відпишіть мене", "отписаться от рассылки", "stop sending me messages"]),
        (Topic.CHANGE_LANGUAGE, ["перейди на українську мову", "русский язык", "change language to English"]),
        (Topic.PRIVACY, ["що ви про мене зберігаєте", "удалите мои данные", "delete my data"]),
        (Topic.ABOUT, ["що ти вмієш, бот", "кто вы и что умеет бот", "what can this bot do?", "/help"]),
        (Topic.COURTESY, ["дякую вам", "большое спасибо", "thank you"]),
        (Topic.UNKNOWN, ["яка погода в Києві", "рецепт борща", "weather in Kyiv", "", "жжж"]),
    ],
)
def test_topics(topic: Topic, texts: list[str]) -> None:
    assert {text: read(text, TODAY).topic for text in texts} == dict.fromkeys(texts, topic)


def test_despair_and_deceit_come_before_any_question() -> None:
    assert read("коли обмін, я більше не можу, не хочу жити", TODAY).topic is Topic.DISTRESS
    assert read("когда обмен? у нас требуют деньги за список", TODAY).topic is Topic.SCAM


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("що сказав Зеленський про обмін", "zelensky"),
        ("що сказав Умєров", "umerov"),
        ("что заявил Мединский", "medinsky"),
        ("what did Vereshchuk say", "vereshchuk"),
        ("що каже Юсов", "yusov"),
        ("що сказав Фідан", "fidan"),
        ("what did the Coordination Headquarters say", "coordination-hq"),
        ("заява української делегації", "ukrainian-delegation"),
        ("что заявила Россия", "russia"),
        ("what did Ukraine say about it", "ukraine"),
        ("shcho skazav Umerov", "umerov"),
        ("коли обмін", None),
    ],
)
def test_speakers(text: str, speaker: str | None) -> None:
    assert read(text, TODAY).speaker == speaker


def test_keyboards_and_accidents_are_forgiven() -> None:
    assert read("КОЛИ\u200b НАСТУПНИЙ ОБМIН", TODAY).topic is Topic.NEXT_EXCHANGE
    assert read("у п`ятницю", TODAY).period == day("2025-09-12")


def test_confidence_is_a_probability() -> None:
    sure, unsure = read("коли наступний обмін?", TODAY), read("а воно", TODAY)
    assert 0 < unsure.confidence < sure.confidence < 1


def test_only_doubtful_english_is_looked_at_again_for_its_meaning(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []

    def evidence(text: str) -> NDArray[np.float32]:
        looked_at.append(text)
        return np.zeros(len(Topic), np.float32)

    monkeypatch.setattr(meaning, "evidence", evidence)
    for text in ("When is the next exchange?", "Коли наступний обмін?", "Що відомо?", "Что известно?", "🙏", ""):
        read(text, TODAY)
    assert looked_at == []
    read("What is Known about it?", TODAY)
    assert looked_at == ["What is Known about it?"]


def test_what_is_in_doubt_comes_with_options() -> None:
    assert read("коли наступний обмін?", TODAY).options == ()
    doubtful = read("що відомо", TODAY)
    assert doubtful.confidence < SURE
    assert len(doubtful.options) == 3
    assert Topic.UNKNOWN not in doubtful.options


@pytest.mark.parametrize(
    ("before", "text", "topic", "period"),
    [
        ("скільки людей повернули за весь час?", "а в травні 2025?", Topic.EXCHANGE_TOTALS, MAY_2025),
        ("how many came home in May 2025", "and how many Russians?", Topic.EXCHANGE_TOTALS, MAY_2025),
        ("what did Medinsky say?", "and in May 2025?", Topic.STATEMENT, MAY_2025),
        ("коли наступний обмін?", "а хто складає списки на обмін?", Topic.HOW_LISTS_ARE_MADE, None),
    ],
)
def test_a_short_question_leans_on_the_one_before(
    before: str, text: str, topic: Topic, period: Period | None
) -> None:
    question = read(text, TODAY, before=read(before, TODAY))
    assert (question.topic, question.period) == (topic, period)


def test_the_speaker_is_kept_too() -> None:
    assert read("and in May?", TODAY, before=read("what did Medinsky say?", TODAY)).speaker == "medinsky"


def test_the_model_is_learnt_from_these_very_examples() -> None:
    with np.load(linear.FILE) as kept:
        assert str(kept["fingerprint"]) == train.fingerprint(), "run: make model"


def test_learning_twice_gives_the_same() -> None:
    rows = list(islice(examples.examples(), 0, None, 80))
    said = [normal.tidy(text) for _, _, text in rows]
    labels = [list(Topic).index(topic) for _, topic, _ in rows]

    def learnt() -> dict[str, Any]:
        words = [normal.tokens(text.lower()) for text in said]
        by_words = train.learn([(each, stems(each, "en")) for each in words], labels)
        by_meaning = train.learn_meaning(meaning.vectors(said[:400]), labels[:400])
        return {**by_words.as_arrays(""), **by_meaning.as_arrays()}

    first, second = learnt(), learnt()
    assert all((first[name] == second[name]).all() for name in first)


@pytest.mark.parametrize("language", LANGUAGES)
def test_examples_are_many_and_each_under_one_topic(language: Language) -> None:
    seen: dict[str, Topic] = {}
    counted: Counter[Topic] = Counter()
    for code, topic, text in examples.examples():
        if code == language:
            counted[topic] += 1
            assert seen.setdefault(text.casefold(), topic) is topic, text
    assert set(counted) == set(Topic)
    assert min(counted.values()) >= 160


def test_what_was_never_learnt_is_understood() -> None:
    """A floor, far enough below what `make eval` prints that no honest change of the examples breaks it."""
    rows = evaluate.rows()
    answers = [(row, read(row.text, evaluate.TODAY)) for row in rows]
    assert sum(question.topic is row.topic for row, question in answers) > 0.91 * len(rows)
    assert sum(question.language == row.language for row, question in answers) > 0.96 * len(rows)
    assert sum(question.period == row.period for row, question in answers) > 0.96 * len(rows)
    for urgent in (Topic.DISTRESS, Topic.SCAM):
        found = [question.topic is urgent for row, question in answers if row.topic is urgent]
        assert sum(found) > 0.9 * len(found)


@pytest.mark.parametrize(
    "text", ["початку ", "мая 1-", "between ", "до ", "1-", "ﷺ", "скільки за ", "a", "7", "so ", "\ud800"]
)
def test_repetition_is_no_trap(text: str) -> None:
    assert isinstance(read(text * 4096, TODAY), Question)


WORDS = [
    "19",
    "31",
    "2024",
    "-",
    ".",
    "травня",
    "з",
    "по",
    "до",
    "last",
    "two",
    "week",
    "ago",
    "квартал",
    "першої",
]


ANY_CHARACTER = st.characters(exclude_categories=())
"""Halves of surrogate pairs too, which JSON may bring."""


@given(
    st.text(ANY_CHARACTER) | st.lists(st.sampled_from(WORDS)).map(" ".join),
    st.dates(date(2022, 2, 24), date(2090, 12, 31)),
    st.sampled_from(LANGUAGES),
)
def test_any_text_is_understood_somehow(text: str, today: date, otherwise: Language) -> None:
    question = read(text, today, otherwise)
    assert isinstance(question, Question)
    assert 0 <= question.confidence <= 1
    assert question.period is None or question.period.first <= question.period.last

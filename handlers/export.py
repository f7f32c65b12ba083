"""The record as a file, for newsrooms: one screen, and a button for each format."""

from telegram import InputFile, Message, Update
from telegram.constants import ChatAction

from bot.i18n import translator
from bot.opendata.exports import Format, export
from handlers import keyboards
from handlers.context import Context, language_of, message_of


async def offer(update: Update, context: Context) -> None:
    message = message_of(update)
    tr = translator(await language_of(context, message.chat_id, message.from_user))
    edition = await context.services.library.edition()
    text = tr.html(
        "<b>The record as a file.</b> Version %(version)s, as of %(day)s (Kyiv time), the newest entry.\n"
        "Each number stands with who gave it and where it was published. There are no names of prisoners.\n\n"
        "CSV: exchanges, a row for each number.\n"
        "XLSX: all tables, with what each column means.\n"
        "JSON: everything, for programs.",
        version=tr.number(edition.number),
        day=tr.day(edition.as_of),
    )
    await message.reply_html(text, reply_markup=keyboards.exports(tr))


async def send(message: Message, context: Context, pressed: keyboards.Export) -> None:
    services, tr = context.services, translator(pressed.language)
    await message.reply_chat_action(ChatAction.UPLOAD_DOCUMENT)
    file = await export(services.library, pressed.format, pressed.language)
    caption = tr.html(
        "Version %(version)s of the record, of %(moment)s (Kyiv). Please cite the sources that it names.",
        version=tr.number(file.edition),
        moment=tr.moment(file.changed_at),
    )
    if pressed.format is Format.CSV:
        caption += "\n" + tr.html(
            "Add up only rows where in_our_sum is TRUE. "
            "Statements, totals and the meaning of each column are in XLSX."
        )
    document = services.uploaded.get(file.name) or InputFile(file.content, file.name)
    sent = await message.reply_document(document, caption=caption, parse_mode="HTML", do_quote=False)
    if sent.document:
        services.uploaded.put(file.name, sent.document.file_id)

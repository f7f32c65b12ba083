"""Every Bot API method that the sandbox has, except those that receive updates: see `bot.sandbox.api`."""

from collections.abc import Callable

from bot.sandbox.arguments import Arguments
from bot.sandbox.methods import edits, lookups, profile, queries, sends
from bot.sandbox.shapes import Json
from bot.sandbox.world import World

Result = Json | list[Json] | bool
Method = Callable[[World, Arguments], Result]

METHODS: dict[str, Method] = {
    "getMe": lookups.get_me,
    "getChat": lookups.get_chat,
    "getChatMember": lookups.get_chat_member,
    "getFile": lookups.get_file,
    "logOut": lookups.leave_server,
    "close": lookups.leave_server,
    "sendMessage": sends.send_message,
    "sendPhoto": sends.send_photo,
    "sendDocument": sends.send_document,
    "sendChatAction": sends.send_chat_action,
    "leaveChat": edits.leave_chat,
    "editMessageText": edits.edit_message_text,
    "editMessageCaption": edits.edit_message_caption,
    "editMessageMedia": edits.edit_message_media,
    "editMessageReplyMarkup": edits.edit_message_reply_markup,
    "deleteMessage": edits.delete_message,
    "pinChatMessage": edits.pin_chat_message,
    "unpinChatMessage": edits.unpin_chat_message,
    "answerCallbackQuery": queries.answer_callback_query,
    "answerInlineQuery": queries.answer_inline_query,
    "setMyCommands": profile.set_my_commands,
    "getMyCommands": profile.get_my_commands,
    "deleteMyCommands": profile.delete_my_commands,
    "setMyName": profile.set_my_name,
    "getMyName": profile.get_my_name,
    "setMyDescription": profile.set_my_description,
    "getMyDescription": profile.get_my_description,
    "setMyShortDescription": profile.set_my_short_description,
    "getMyShortDescription": profile.get_my_short_description,
    "setChatMenuButton": profile.set_chat_menu_button,
    "getChatMenuButton": profile.get_chat_menu_button,
}

"""Methods that only look: the bot itself, chats, members, files."""

from bot.sandbox.arguments import Arguments
from bot.sandbox.chats import Chat
from bot.sandbox.compose import target_chat
from bot.sandbox.files import MOST_DOWNLOADED
from bot.sandbox.shapes import Json, bad_request
from bot.sandbox.world import World


def get_me(world: World, arguments: Arguments) -> Json:
    return {
        **world.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def get_chat(world: World, arguments: Arguments) -> Json:
    chat = target_chat(world, arguments)
    if not chat.reachable and "username" not in chat.names:
        # What is public can be looked at by every bot.
        chat.check_reachable()
    answer: Json = {
        **chat.json,
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }
    if chat.pinned and chat.pinned[-1] in chat.messages:
        answer["pinned_message"] = chat.messages[chat.pinned[-1]]
    return answer


def get_chat_member(world: World, arguments: Arguments) -> Json:
    chat = target_chat(world, arguments)
    user_id = arguments.integer("user_id")
    if user_id == world.bot["id"]:
        return {"user": world.bot, **_our_membership(chat)}
    person = world.people.get(user_id)
    if person is None:
        raise bad_request("user not found")
    inside = user_id in chat.members or user_id == chat.id
    return {"user": person.json, "status": "member" if inside else "left"}


def _our_membership(chat: Chat) -> Json:
    if chat.blocked:
        return {"status": "kicked", "until_date": 0}
    if chat.kind != "channel":
        return {"status": "member"}
    if not chat.reachable:
        raise bad_request("member list is inaccessible")
    rights = ("delete_messages", "edit_messages", "change_info", "invite_users", "promote_members")
    return {
        "status": "administrator",
        "can_be_edited": False,
        "is_anonymous": False,
        "can_manage_chat": True,
        "can_post_messages": chat.administered,
        **{f"can_{right}": False for right in rights},
    }


def get_file(world: World, arguments: Arguments) -> Json:
    stored = world.files.get(arguments.text("file_id"))
    if stored is None:
        raise bad_request("invalid file_id")
    if len(stored.content) > MOST_DOWNLOADED:
        raise bad_request("file is too big")
    return {**stored.brief(), "file_path": stored.path}


def leave_server(world: World, arguments: Arguments) -> bool:
    """logOut and close: a bot may call them before it moves to another server; nothing to do here."""
    return True

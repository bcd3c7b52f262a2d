"""A DHCP server that answers everybody with one address and with the options it was
given, byte for byte: dhcpd.py INTERFACE ADDRESS [CODE=TEXT...]. TEXT is Python's, with
its escapes: "15=evil\\nline". It runs until it is killed."""
import ast
import socket
import struct
import sys

MAGIC = b"\x63\x82\x53\x63"
DISCOVER, OFFER, REQUEST, ACK = 1, 2, 3, 5


def options_of(message):
    """Codes and values behind the magic number."""
    at, found = 240, {}
    while at < len(message) and message[at] != 255:
        if message[at] == 0:
            at += 1
            continue
        length = message[at + 1]
        found[message[at]] = message[at + 2:at + 2 + length]
        at += 2 + length
    return found


def option(code, value):
    """One option; what is too long for one is several of the same code (RFC 3396)."""
    out = b""
    while True:
        out += bytes((code, min(len(value), 255))) + value[:255]
        value = value[255:]
        if not value:
            return out


def answer(message, kind, address, server, extra):
    head = struct.pack("!BBBB", 2, 1, 6, 0) + message[4:8] + b"\0\0" + message[10:12]
    head += bytes(4) + address + server + bytes(4) + message[28:44] + bytes(192) + MAGIC
    body = option(53, bytes((kind,))) + option(54, server)
    body += option(51, struct.pack("!I", 120)) + option(1, bytes((255, 255, 255, 0)))
    for code, value in extra:
        body += option(code, value)
    return head + body + b"\xff"


def main():
    interface, address = sys.argv[1], socket.inet_aton(sys.argv[2])
    server = address[:3] + b"\x01"
    extra = []
    for word in sys.argv[3:]:
        code, text = word.split("=", 1)
        value = ast.literal_eval('"' + text.replace('"', '\\"') + '"')
        extra.append((int(code), value.encode("latin-1")))
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode() + b"\0")
    link.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    link.bind(("", 67))
    print("ready", flush=True)
    kinds = {DISCOVER: OFFER, REQUEST: ACK}
    while True:
        message = link.recv(4096)
        asked = options_of(message).get(53, b"\0")[0]
        if asked in kinds:
            reply = answer(message, kinds[asked], address, server, extra)
            link.sendto(reply, ("255.255.255.255", 68))


main()

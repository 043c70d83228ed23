"""FROM PHONE TO TABLES: the only way in for field data.

The phone owns a visit until it holds our receipt. It sends three things, each named by an id it made itself:

    PUT /sync/photos/<sha256>      raw picture bytes; the address is the digest
    PUT /sync/activities/<id>      one outing, RFC 8785 canonical JSON, Content-Digest required
    PUT /sync/visits/<id>          one stop of it, likewise; lists the digests of its photos

in any order, as often as it likes, cut or doubled by the network. The answer is the same each time:

    unknown id                     → stored, 201, a signed receipt
    same id, same digest           → already, 200, the same receipt
    same id, other digest          → conflict, 409, both kept for a person to decide
    bad                            → refused, 4xx with a code, a sentence and the field; nothing stored

A claim's way through this folder: `strict_json` reads the bytes, `envelope` gives them a shape, `intake` decides,
`writer` commits it together with whatever else came in at that moment, `receipt` signs, and only then do we answer.
A photo's way: `gate` looks at the header, `vault` makes file and folder durable, then the same writer and receipt.
"""

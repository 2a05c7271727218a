"""A complete email with a text part and an HTML part, ready for `sendmail -t`."""

from __future__ import annotations

import hashlib
from email.message import EmailMessage
from email.policy import SMTP

from headway.printable import printable


def mail(subject: str, text: str, html: str) -> bytes:
    """Return the message with LF line endings. The sender must add From, To and Date.

    Equal arguments give equal bytes.
    """
    message = EmailMessage(policy=SMTP.clone(linesep="\n"))
    message["Subject"] = printable(subject).replace("\u00a0", " ")
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    # a random boundary would make every message different
    fingerprint = hashlib.sha256(f"{text}\0{html}".encode("utf-8", "surrogatepass")).hexdigest()
    message.set_boundary(f"headway-{fingerprint[:32]}")
    return message.as_bytes()

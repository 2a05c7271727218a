"""A whole mail: plain text, and the same as HTML for programs that show it; for `sendmail -t`."""

from __future__ import annotations

import hashlib
from email.message import EmailMessage
from email.policy import SMTP

from headway.printable import printable


def mail(subject: str, text: str, html: str) -> bytes:
    """The message, with LF line ends. It has no From, To and Date: whoever sends it adds those.

    The same digest gives the same bytes.
    """
    message = EmailMessage(policy=SMTP.clone(linesep="\n"))
    message["Subject"] = printable(subject).replace("\u00a0", " ")
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    digest = hashlib.sha256(f"{text}\0{html}".encode("utf-8", "surrogatepass")).hexdigest()
    message.set_boundary(f"headway-{digest[:32]}")
    return message.as_bytes()

"""Build an email with a text part and an HTML part for `sendmail -t`."""

from __future__ import annotations

import hashlib
from email.message import EmailMessage
from email.policy import SMTP

from headway.printable import printable


def mail(subject: str, text: str, html: str) -> bytes:
    """Return an email with LF line endings and without the From, To and Date headers.

    The same arguments always give the same bytes.
    """
    message = EmailMessage(policy=SMTP.clone(linesep="\n"))
    message["Subject"] = printable(subject).replace("\u00a0", " ")
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    # The default boundary is random, so the same digest would give different messages.
    fingerprint = hashlib.sha256(f"{text}\0{html}".encode("utf-8", "surrogatepass")).hexdigest()
    message.set_boundary(f"headway-{fingerprint[:32]}")
    return message.as_bytes()

"""What the Chaos Agent says when a phase opens."""

from __future__ import annotations

from collections.abc import Mapping

OPENINGS: Mapping[int, str] = {
    0: (
        "So you are the new engineer. A tidy little service, tidy little tests, and a pipeline that has never met me.\n\n"
        "Go on, look around. Press a button, if you dare. I only break what your workshop lets me touch, "
        "and you can take everything back. That is what makes it fun."
    ),
    1: (
        "Green tests! How sweet. Shall we see what they are worth?\n\n"
        "I will take one letter from your settings, one database from under your feet, and one second from your "
        "patience. Tell me when you have noticed."
    ),
    2: (
        "An image! So you put your service into a box. I love boxes. One never knows what is in them.\n\n"
        "I will swap the Python, hide a package, and feed the rest until it bursts. It will still build, mostly. "
        "Whether it works? That is your part."
    ),
    4: (
        "A cluster! So many little boxes, and each restarts when I kick it. Who is in charge here? The one with the YAML? "
        "That could be me.\n\n"
        "I will push a line aside, tighten the memory, ask the wrong question, and rename a key. Your pods will wait for "
        "something that never comes. Will you know for what?"
    ),
    3: (
        "A pipeline! A machine that watches over you day and night. And who watches over the machine?\n\n"
        "I will break its plan, borrow its keys, and send your users to a version that is not there yet. All stages green, "
        "I promise."
    ),
    5: (
        "So it is you against me now, and no layer to hide in. From a commit to a running service, all of it, and I may be "
        "anywhere.\n\n"
        "I will not tell you what I did. I will not even tell you whether I did anything. Your gates will have to talk. "
        "Have you given them something to say?"
    ),
    6: (
        "You want it in writing? Very well. A handful of questions, and I do not help you with a single one.\n\n"
        "Answer four of five, and I will sign that you have beaten me. I shall deny it, of course. But the signature "
        "can be verified."
    ),
}
DEFAULT = "You again. Good. The last layer was only the warm-up."

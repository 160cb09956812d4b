"""Frequent words of many languages, found by hash in one gather.

They vote for a language and are left out of a prompt's topic.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillwatch.sketch.hashing import U64, constants, hash_word

FUNCTION_WORDS = {
    "en": "the of and to in is that it for on with as are this be was have from or at by an not "
    "what how you your can which do if i my me we they there would should will into does "
    "please write explain give when why these those than then its about between using "
    "following",
    "es": "de la que el en y los del se las por un para con no una su al lo como más pero sus "
    "le es me sin sobre este qué cómo cuál está entre cuando muy son también hay escribe "
    "explica puedes cuáles unos esta eso donde dónde mi tiene puede desde hasta hacer "
    "gracias fue ser ha quiero",
    "fr": "de la le et les des en un du une que est pour qui dans par plus pas au sur se ne ce "
    "il sont avec son aux ou comment quelle quels cette je vous nous mais être écris "
    "expliquez quel quelles fait leur moi mon puis c d l j qu où ma mes ses été on nos "
    "votre vos depuis avant après chez même faire deux peux peut ai as merci",
    "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als "
    "auch es an werden aus er hat dass sie nach wird bei einer um am sind wie ich oder "
    "schreibe was einem einen über kann zum zur bitte erkläre mir wir mein meine diese "
    "dieser dieses kein keine aber wenn noch nur",
    "pt": "de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi "
    "ao ele das tem à seu sua ou ser quando muito há nos já está eu também pelo pela até "
    "isso minha esse essa sobre fazer pode qual foram obrigado onde escreva explique você "
    "são meu",
    "it": "di che e la il un a per è in una sono non con del si da come le dei nel alla più "
    "anche gli della lo ma al questo delle scrivi spiega quale cosa perché nella dal i ha "
    "qual tra suo essere può quali mi mio l dell",
    "nl": "de het een van en in is dat op te zijn met voor niet aan er om ook als dan maar bij "
    "uit naar wat hoe deze dit door over je ik kan wordt worden heeft schrijf leg welke "
    "mijn hun nog geen wij zij tot of",
    "pl": "i w na z do się nie to że jest o a jak po co dla od za przez czy są tego ale być "
    "jego tym które który która oraz napisz wyjaśnij może jakie tylko przy mi mnie pod "
    "bardzo jaki",
    "tr": "bir ve bu için ile da de ne olarak çok daha olan gibi en var mı mi nasıl kadar sonra "
    "ama değil her ya nedir yaz açıkla hangi bana ki veya olduğu göre şu ben sen neden "
    "arasındaki",
    "id": "yang dan di itu dengan untuk dari ini dalam tidak akan pada ke adalah atau apa juga "
    "bisa oleh saya ada kami bagaimana sebuah tentang tulis jelaskan seperti karena lebih "
    "antara kamu anda dapat buat secara sebagai mengapa tolong",
    "vi": "là của và các có không được cho một những trong với này để người về tôi bạn như khi "
    "làm thế nào viết hãy giải thích từ đã ra nhưng nếu bằng gì theo đến vào hoặc cách "
    "nhất bài",
    "ru": "и в не на что я с он как а это по но из у за к от так для о же вы бы только мне было "
    "напиши объясни или если какой какие чем между можно есть его напишите почему где "
    "когда меня мой моя мои этот эта два быть нужно",
    "uk": "і в не на що я з він як а це по але із у за до від так для про ж ви би тільки мені "
    "було напиши поясни або якщо який які чим між можна є його та й напишіть чому де коли "
    "мене мій моя цей ця два бути потрібно",
}
"""Function words, and what requests begin with, for each language (ISO 639-1)."""

LANGUAGES = tuple(FUNCTION_WORDS)

PLAIN_WORDS = (
    "make need want like just know help tell show some more most very much many such each every "
    "other another same only also well good best different example examples provide include list "
    "create generate describe answer question questions response text sentence sentences words "
    "word following above below used uses user users task step steps based given first second "
    "last next them their here where while because could being been were over under after before "
    "without within through both either however therefore thing things something anything "
    "return input output format must keep ensure sure think find work works time number true false "
    "null none assistant human model prompt instruction instructions"
)
"""Words of four bytes and more that say nothing of the topic, beside the function words."""

UNIT = 12
"""Votes of a word of one language; a word of n languages gives each a floor(UNIT / n)-th."""


def _lanes(word: str) -> list[int]:
    """Votes of a word, 16 bits a language, four languages to a 64-bit integer."""
    speakers = [i for i, language in enumerate(LANGUAGES) if word in _SETS[language]]
    lanes = [0] * LANES
    for i in speakers:
        lanes[i // 4] |= (UNIT // len(speakers)) << (16 * (i % 4))
    return lanes


_SETS = {language: set(words.split()) for language, words in FUNCTION_WORDS.items()}
LANES = -(-len(LANGUAGES) // 4)
_WORDS = sorted(set().union(*_SETS.values(), PLAIN_WORDS.split()))
_KEYS = np.array([0] + [hash_word(w) for w in _WORDS], dtype=np.uint64)
VOTES = np.array([[0] * LANES] + [_lanes(w) for w in _WORDS], dtype=np.uint64).T.copy()
"""[LANES, words + 1] votes of each word; word 0 is any other word and has none."""

_SLOT_BITS = np.uint64(48)


def _slots() -> tuple[np.uint64, NDArray[np.uint16]]:
    """A multiplier that gives each word a slot of its own (a perfect hash), and the slots."""
    for multiplier in constants(9, 20000):
        slot = (_KEYS[1:] * multiplier) >> _SLOT_BITS
        if len(np.unique(slot)) == len(slot):
            table = np.zeros(1 << 16, dtype=np.uint16)
            table[slot] = np.arange(1, len(_KEYS), dtype=np.uint16)
            return multiplier, table
    raise AssertionError("no perfect hash: widen the slots")


_MULTIPLIER, _TABLE = _slots()


def lookup(hashes: U64) -> NDArray[np.uint16]:
    """Number of each word in the vocabulary; 0 for any other word."""
    found = _TABLE[(hashes * _MULTIPLIER) >> _SLOT_BITS]
    return np.where(_KEYS[found] == hashes, found, np.uint16(0))

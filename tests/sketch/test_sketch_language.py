"""Claims about the language of a prompt, on sentences that were written for this test only."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pytest

from stillwatch.sketch import sketch
from stillwatch.sketch.intents import IntentModel
from stillwatch.sketch.language import CODES

SENTENCES = {
    "en": "Write me a short story about a lighthouse keeper.|How do I reverse a linked list in C?|"
    "Is there a cheaper flight on Monday?|Summarise the attached report for our board.",
    "es": "Escribe un cuento corto sobre un faro.|¿Cómo se invierte una lista enlazada en C?|"
    "¿Hay un vuelo más barato el lunes?|Resume el informe adjunto para nuestra junta.",
    "fr": "Écris une courte histoire sur un gardien de phare.|Comment inverser une liste chaînée ?|"
    "Y a-t-il un vol moins cher lundi ?|Résume le rapport ci-joint pour notre conseil.",
    "de": "Schreibe eine kurze Geschichte über einen Leuchtturm.|Wie kehre ich eine Liste um?|"
    "Gibt es am Montag einen billigeren Flug?|Fasse den Bericht für unseren Vorstand zusammen.",
    "pt": "Escreva um conto curto sobre um faroleiro.|Como se inverte uma lista ligada em C?|"
    "Há um voo mais barato na segunda-feira?|Resuma o relatório em anexo para a direção.",
    "it": "Scrivi un breve racconto su un guardiano del faro.|Come si inverte una lista in C?|"
    "C'è un volo più economico lunedì?|Riassumi il rapporto allegato per il consiglio.",
    "nl": "Schrijf een kort verhaal over een vuurtorenwachter.|Hoe keer ik een lijst om in C?|"
    "Is er maandag een goedkopere vlucht?|Vat het bijgevoegde rapport samen voor het bestuur.",
    "pl": "Napisz krótkie opowiadanie o latarniku.|Jak odwrócić listę w języku C?|"
    "Czy jest tańszy lot w poniedziałek?|Podsumuj załączony raport dla zarządu.",
    "tr": "Bir deniz feneri bekçisi hakkında kısa bir hikâye yaz.|Bağlı liste nasıl ters çevrilir?|"
    "Pazartesi için daha ucuz bir uçuş var mı?|Ekteki raporu yönetim kurulu için özetle.",
    "id": "Tulis cerita pendek tentang penjaga mercusuar.|Bagaimana cara membalik daftar di C?|"
    "Apakah ada penerbangan yang lebih murah?|Ringkas laporan ini untuk dewan kami.",
    "vi": "Viết một truyện ngắn về người gác hải đăng.|Làm thế nào để đảo ngược danh sách?|"
    "Có chuyến bay nào rẻ hơn vào thứ hai không?|Tóm tắt báo cáo này cho ban giám đốc.",
    "ru": "Напиши короткий рассказ о смотрителе маяка.|Как развернуть связный список на C?|"
    "Есть ли рейс подешевле в понедельник?|Кратко изложи отчёт для нашего совета.",
    "uk": "Напиши коротке оповідання про доглядача маяка.|Як розвернути зв'язаний список?|"
    "Чи є дешевший рейс у понеділок?|Стисло виклади звіт для нашої ради.",
    "zh": "写一个关于灯塔看守人的短篇故事。|如何用C语言反转链表？|"
    "星期一有更便宜的航班吗？|为董事会总结附件报告。",
    "ja": "灯台守についての短い物語を書いてください。|C言語で連結リストを逆順にするには？|"
    "月曜日にもっと安い便はありますか。|取締役会のために報告書を要約して。",
    "ko": "등대지기에 대한 짧은 이야기를 써 줘.|C에서 연결 리스트를 뒤집는 방법은?|"
    "월요일에 더 싼 항공편이 있나요?|이사회를 위해 보고서를 요약해 줘.",
    "ar": "اكتب قصة قصيرة عن حارس منارة.|كيف أعكس قائمة مترابطة؟|هل توجد رحلة أرخص يوم الاثنين؟",
    "he": "כתוב סיפור קצר על שומר מגדלור.|איך הופכים רשימה מקושרת?|יש טיסה זולה יותר ביום שני?",
    "hi": "एक प्रकाशस्तंभ रक्षक पर छोटी कहानी लिखो।|सूची को उलटा कैसे करें?|क्या सोमवार को सस्ती उड़ान है?",
    "th": "เขียนเรื่องสั้นเกี่ยวกับคนเฝ้าประภาคาร|จะกลับลิสต์ได้อย่างไร|วันจันทร์มีเที่ยวบินถูกกว่าไหม",
    "el": "Γράψε μια σύντομη ιστορία για έναν φαροφύλακα.|Πώς αντιστρέφω μια λίστα;|Υπάρχει πτήση;",
}

Read = Callable[[list[str]], list[str | None]]


@pytest.fixture
def read(batch: Callable[..., pa.RecordBatch], model: IntentModel) -> Read:
    def languages(prompts: list[str]) -> list[str | None]:
        found: list[str | None] = sketch(batch(prompt=prompts), model)["language"].to_pylist()
        return found

    return languages


def test_most_short_sentences_are_recognised_and_few_mistaken(read: Read) -> None:
    labelled = [(code, text) for code, all_ in SENTENCES.items() for text in all_.split("|")]
    found = read([text for _, text in labelled])
    right = [code == answer for (code, _), answer in zip(labelled, found, strict=True)]
    wrong = [
        (code, answer, text)
        for (code, text), answer in zip(labelled, found, strict=True)
        if answer not in {code, None}
    ]
    assert sum(right) / len(right) >= 0.9
    assert len(wrong) <= 2, wrong


def test_every_language_that_can_be_named_is_tested() -> None:
    assert set(SENTENCES) == set(CODES)


@pytest.mark.parametrize(
    "text", ["", "12345", "x = y + z", "return x", "qwrt plmk zxcv", "این یک متن فارسی است"]
)
def test_what_is_unclear_is_left_open(read: Read, text: str) -> None:
    assert read([text]) == [None]


def test_a_foreign_word_does_not_change_the_language(read: Read) -> None:
    mixed = [
        "用 Python 写一个 quicksort 函数并解释",
        "Explain what 請 means in this text",
        "Что такое API?",
    ]
    assert read(mixed) == ["zh", "en", "ru"]

"""Serves marked requests with a whole vLLM engine, and writes down what it answered.

python tests/marks/vllm_engine.py <class> <settings> <file>     # a model of random weights
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

ACCOUNTS = ["cohort-7/heron", None, "cohort-7/egret", "cohort-7/revoked", "cohort-7/heron"] * 3
MODEL = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "vocab_size": 1000,
    "hidden_size": 128,
    "intermediate_size": 256,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "max_position_embeddings": 1024,
    "hidden_act": "silu",
    "torch_dtype": "float32",
    "bos_token_id": 1,
    "eos_token_id": 2,
}


def main(processor: str, settings: str, out: str) -> None:
    from vllm import LLM, SamplingParams
    from vllm.exceptions import VLLMValidationError

    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "config.json").write_text(json.dumps(MODEL), "utf-8")
        engine = LLM(
            model=place,
            skip_tokenizer_init=True,
            load_format="dummy",
            dtype="float32",
            max_model_len=1024,
            max_num_seqs=4,
            enforce_eager=True,
            logits_processors=[processor],
            additional_config={"stillwatch": json.loads(settings)},
        )
    # Of different lengths, on fewer rows than there are requests, so that rows change hands.
    asked = [
        SamplingParams(
            temperature=0.8,
            top_p=0.9,
            top_k=400,
            repetition_penalty=1.1,
            max_tokens=200 + 13 * n,
            ignore_eos=True,
            detokenize=False,
            extra_args=None if account is None else {"stillwatch": account},
        )
        for n, account in enumerate(ACCOUNTS)
    ]
    prompts = [{"prompt_token_ids": [1, 5 + n, 9, 30 + n]} for n in range(len(ACCOUNTS))]
    answers = engine.generate(prompts, asked, use_tqdm=False)
    texts = [list(answer.outputs[0].token_ids) for answer in answers]
    try:
        wrong = SamplingParams(detokenize=False, extra_args={"stillwatch": "egret"})
        engine.generate(prompts[:1], wrong, use_tqdm=False)
        refused = ""
    except VLLMValidationError as error:
        refused = str(error)
    Path(out).write_text(json.dumps({"texts": texts, "refused": refused}), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

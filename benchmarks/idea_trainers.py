"""Ways of training that the package does not have, each a small change to its trainer, for benchmarks/ideas.py."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from transformers import TrainerCallback

from jointbert.training.trainer import JointTrainer

GOLD = ("intent_ids", "tag_ids")


class Averaged(JointTrainer):
    """Scores a moving average of the weights (Polyak and Juditsky 1992) in place of the last ones."""

    decay = 0.995

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._average = AveragedModel(self.joint, multi_avg_fn=get_ema_multi_avg_fn(self.decay))
        trainer = self

        class Follow(TrainerCallback):
            def on_step_end(self, *_: Any, **__: Any) -> None:
                trainer._average.update_parameters(trainer.joint)

        self.add_callback(Follow())

    def evaluate(self, *given: Any, **named: Any) -> dict[str, float]:
        """Dev scores of the average."""
        own = {name: value.clone() for name, value in self.joint.state_dict().items()}
        self.joint.load_state_dict(self._average.module.state_dict())
        try:
            return super().evaluate(*given, **named)
        finally:
            self.joint.load_state_dict(own)


def divergence(first: Tensor, second: Tensor) -> Tensor:
    """(N, K) logits twice → the mean of both Kullback-Leibler divergences, a scalar per row's mean."""
    one, two = functional.log_softmax(first.float(), -1), functional.log_softmax(second.float(), -1)
    both = functional.kl_div(one, two, reduction="none", log_target=True)
    both = both + functional.kl_div(two, one, reduction="none", log_target=True)
    return both.sum(-1).mean() / 2


def between(first: Any, second: Any, words: Tensor) -> Tensor:
    """The divergence of two outputs: of intents, and of the real words' tags."""
    return divergence(first.intent_logits, second.intent_logits) + divergence(
        first.tag_logits[words], second.tag_logits[words]
    )


class RDrop(JointTrainer):
    """Two passes with different dropout must say the same (Liang et al. 2021, arXiv:2106.14448)."""

    weight = 1.0

    def compute_loss(self, model: Any, inputs: Any, return_outputs: bool = False, **_: Any) -> Any:
        """The mean of both losses, and what lies between them."""
        one, two = model(**inputs), model(**inputs)
        loss = (one.loss + two.loss) / 2 + self.weight * between(one, two, inputs["word_mask"])
        return (loss, one) if return_outputs else loss


class Noisy(JointTrainer):
    """Uniform noise on the piece vectors (NEFTune, Jain et al. 2023, arXiv:2310.05914)."""

    alpha = 5.0

    def __init__(self, model: Any, args: Any, *given: Any, **named: Any) -> None:
        args.neftune_noise_alpha = self.alpha
        super().__init__(model, args, *given, **named)


class Mixed(JointTrainer):
    """The heads see a learned mean of all layers' states, not the last ones (Peters et al. 2018, arXiv:1802.05365)."""

    def __init__(self, model: Any, *given: Any, **named: Any) -> None:
        model.encoder.config.output_hidden_states = True
        layers = model.encoder.config.num_hidden_layers + 1  # and the embeddings
        model.scores = nn.Parameter(torch.zeros(layers))  # learns at the heads' rate, as all outside the encoder does

        def mix(_: Any, __: Any, output: Any) -> Any:
            shares = model.scores.softmax(-1).to(output.last_hidden_state.dtype).unbind()
            mixed = [share * states for share, states in zip(shares, output.hidden_states, strict=True)]
            output.last_hidden_state = torch.stack(mixed).sum(0)
            return output

        model.encoder.register_forward_hook(mix)
        super().__init__(model, *given, **named)


class Reinitialised(JointTrainer):
    """The two uppermost layers start from random weights (Zhang et al. 2021, arXiv:2006.05987, section 5)."""

    layers = 2

    def __init__(self, model: Any, *given: Any, **named: Any) -> None:
        spread = model.encoder.config.initializer_range
        for layer in model.encoder.encoder.layer[-self.layers :]:
            for module in layer.modules():
                if isinstance(module, nn.Linear):
                    nn.init.normal_(module.weight, std=spread)
                    nn.init.zeros_(module.bias)
                elif isinstance(module, nn.LayerNorm):
                    module.reset_parameters()
        super().__init__(model, *given, **named)


class Ensembled(JointTrainer):
    """Half of the loss is to say what the mean of earlier seeds' models says (Furlanello et al. 2018)."""

    folders: Sequence[Path] = ()

    def __init__(self, *given: Any, **named: Any) -> None:
        from jointbert.model.joint import JointBert

        super().__init__(*given, **named)
        self._teachers = [JointBert.from_pretrained(folder).train(False) for folder in self.folders]

    def compute_loss(self, model: Any, inputs: Any, return_outputs: bool = False, **_: Any) -> Any:
        """The mean of the loss on labels and of the divergence from the ensemble's probabilities."""
        output, words = model(**inputs), inputs["word_mask"]
        seen = {name: value for name, value in inputs.items() if name not in GOLD}
        with torch.inference_mode():
            said = [teacher(**seen) for teacher in self._teachers]
            intents = torch.stack([one.intent_logits.softmax(-1) for one in said]).mean(0)
            tags = torch.stack([one.tag_logits[words].softmax(-1) for one in said]).mean(0)
        taught = soft_loss(output.intent_logits, intents) + soft_loss(output.tag_logits[words], tags)
        loss = (output.loss + taught) / 2
        return (loss, output) if return_outputs else loss


def soft_loss(logits: Tensor, wanted: Tensor) -> Tensor:
    """Cross-entropy of (N, K) logits against (N, K) probabilities."""
    return functional.cross_entropy(logits.float(), wanted.clone())

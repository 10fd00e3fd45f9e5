"""The catalog: known datasets, where they come from, what they must hash to, and what may be done with them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from jointbert.errors import DataError


@dataclass(frozen=True, slots=True)
class Dataset:
    """A known dataset.

    Args:
        name: What ``jointbert data get`` calls it.
        about: One line on what it is.
        language: Its language.
        sizes: Utterances in each split.
        licence: The licence as its authors state it, or that they state none.
        citation: BibTeX of the paper to cite.
        repository: ``owner/name`` on GitHub.
        commit: The commit that the files are taken from.
        mirror: The dataset's folder in a mirror.
        sha256: Local path of each file -> checksum of its content.
        upstream: Local path -> path in the repository. Several local paths that come from one file share it.
        mirrored: Local path -> path below ``mirror``; the local path itself where it is not named.
    """

    name: str
    about: str
    language: str
    sizes: Mapping[str, int]
    licence: str
    citation: str
    repository: str
    commit: str
    mirror: str
    sha256: Mapping[str, str]
    upstream: Mapping[str, str]
    mirrored: Mapping[str, str] = field(default_factory=dict)

    @property
    def home(self) -> str:
        """The page of the pinned commit."""
        return f"https://github.com/{self.repository}/tree/{self.commit}"

    def upstream_url(self, path: str, base: str) -> str:
        """Where a local file comes from, below the server of raw files ``base``."""
        return f"{base}/{self.repository}/{self.commit}/{self.upstream[path]}"

    def mirror_path(self, path: str) -> str:
        """Where a local file stands in a mirror, relative to the mirror's root."""
        return f"{self.mirror}/{self.mirrored.get(path, path)}"


def _checksums(table: str) -> dict[str, str]:
    """The checksums of a table in the format of ``sha256sum``: a checksum and a path on each line."""
    return {path: checksum for checksum, path in (line.split() for line in table.strip().splitlines())}


# What is verified: every checksum is of the file itself; public code fetches the same paths of SlotGated-SLU, of
# nlu-benchmark and of oos-eval (there with the same checksum); the files of CAIS were looked at, and have the length
# that these ones have when they are turned back into BIES. Not verified: the download from GitHub, from end to end.

_ATIS = _checksums("""
ce4bfe6590d9498e1078f30b4137d3e8b3e94277b444b26360c0bf2e9e282761  test/label
4b2119fc59c37f9398c6605db435d4f467505009e6ee3e5af04fed09f39dc397  test/seq.in
a4690d6bceadc06876d1ff99bc401744aa981cb321e598ae12a3859d7be53254  test/seq.out
d0a771547665eecbdf9f96ea015ef07d1f6ee9f063e861020dafabb3c2a04377  train/label
3a670980841b21ab39088b2595efc17d487cdc45769c075a3e5f9458bba28c7f  train/seq.in
14c7131bd66562f797dbd7189bc7358f0cf354c6afb0785a9ab973c35b58f34c  train/seq.out
06957cfe6fdffac84f8280bc3a1f8ca85c85631b363817aa4543aac611f8addf  valid/label
c7435b96e7948393608c34819628e863c5338f11ca68e8f896d2cc041d8e17f8  valid/seq.in
83ccff3e36f83a993f8e5b5b82adf3256076f234abda4d784051381d7ac76922  valid/seq.out
""")

_SNIPS = _checksums("""
37a26da3ad079bb41c42c85a3a8f827eb47efec4c5917ce5d08f4b2736e4f830  test/label
c1e341173fcea2951a8ca371956a6f81c76de87b9583c62eb87edd6158fa3a7c  test/seq.in
58c07c9097d5e1f78889765c2a535a160f6455b90b3142055c8051847afcca47  test/seq.out
bfd7df6cf9dd76c5da5d8b61bc85f90386197bdd3d7510c1d324c051537b962f  train/label
04ad1e3f2121d83c6478f9a4b17d2dbdc21d06d6127f73cb7af835ed733f9855  train/seq.in
fd5f2121d8055827e5d6b3d3bac30f3d7e94e82a5d437751960cbdd9e1b4f6d3  train/seq.out
9c1dd041216f647bcfca838aaf1a48eb5781e4404256d31ff07cd38a5436c52f  valid/label
64e0f6d8ad8aab3a3828164d7d53731a0993d3ca1aed437ceaca6d3d568d410e  valid/seq.in
712e6d34feb8d52d208b820a5f8bae6e6ff990f08374507dfde22de389088319  valid/seq.out
""")

_SNIPS_ORIGINAL = _checksums("""
fee1b4645352e70ed8a40f1f87c3b53fc3bf75f8ebc82252a22b82c107e75b01  train/AddToPlaylist.json
7677e82cd6e9a8191f0a4502568c786278c984900b4796d3628e46f1abf73ef4  train/BookRestaurant.json
86f414b2ad8a993134d85d16e25e5d337beae47cef993c0af2a5f440405c60f6  train/GetWeather.json
901ddbe9781d1fdb8196e789c543f80df3d29ca6e237da64947905adcc0312e4  train/PlayMusic.json
bb43e4b74134300d5766f6b420d0357a63402987a225f6dc92c806c9c040ce04  train/RateBook.json
87b3432de48c71c205aa5238b41d9e3f2d70bdfcd0bea2427544fb9e4bd5e5bb  train/SearchCreativeWork.json
5447e9440c02e2fb08c3ae16b9f58a4d1332b4bc77fd34691402b02aa4399765  train/SearchScreeningEvent.json
14cc9ee49ae477b1452632a6e835498cf4c32da397b16967c82abb3e50403e83  test/AddToPlaylist.json
4f7258ccc768b777b2eb8916532db9aa50dbd058ddf1ffb0dc59218963e7442a  test/BookRestaurant.json
60c095e193655d6ca92be220fed3926ca25e18cd70c85664145efe25d80993af  test/GetWeather.json
922212775e26259d5bffeaf79b6048d070ca017d229df00b2cc9800f71c75d20  test/PlayMusic.json
c1f8b4114da0bb5e8afd78a8062766e18b2eabb0e717539598db01b09d04619b  test/RateBook.json
8a5e830eddb185d3e4a9d27ded140a145d04766bdce0e58834676ede32d13e77  test/SearchCreativeWork.json
81e1445713e03c7c3e615353c5f3fee05f369fe9834100b9b9735900a96b9498  test/SearchScreeningEvent.json
""")

# Upstream tags these in BIES, a file a split; the checksums are of the three files that the split becomes in BIO.
_CAIS = _checksums("""
14616ed2c5a98c68e72b33ac6dc6bf73dfd58b3439bf491bf1d77201d00e27a0  dev/label
478d01cbac30f6545c4ef4ca6cd52537b3e1ec84b83ef6b8af8284896dd0eb21  dev/seq.in
b0839d611c79c6658c4cedb5da1cb59dbb2558ed1e62eeaa21b51a6328c89dcb  dev/seq.out
1f5ba174412a8dc88b70cd1febc5e9cc912483d8a05f0b04c52d2d4b958cce83  test/label
f6f9510bfe978553925bce533b2cd9ed0f370f136117305b8f4a674a96b02657  test/seq.in
f89ba4dde9320643f1f8f947809b53165be866721378efccd46b280fa53102d3  test/seq.out
b854a290519de6af20cdf08efa2b448b1447dafa0386333568850e0584fa1e35  train/label
218e3f6de6720c5c890b8d3777d7f1be561b906ca5ebcd20aacf767bb7369a6b  train/seq.in
5e2dafe57c268dcf04662d48b392b96d0d1586d9736bf6526b177a2713a24e20  train/seq.out
""")

_CLINC150 = _checksums("36923c3705a59e08fe9c3883d8bc2dd966ef93e22cb78ac41171782a698d56e0  data_full.json")

_CITE_ATIS = """@inproceedings{hemphill-etal-1990-atis,
  title = {The {ATIS} Spoken Language Systems Pilot Corpus},
  author = {Hemphill, Charles T. and Godfrey, John J. and Doddington, George R.},
  booktitle = {Speech and Natural Language: Proceedings of a Workshop Held at Hidden Valley, Pennsylvania},
  year = {1990}
}"""

_CITE_SNIPS = """@article{coucke2018snips,
  title = {Snips Voice Platform: an embedded Spoken Language Understanding system for private-by-design
    voice interfaces},
  author = {Coucke, Alice and Saade, Alaa and Ball, Adrien and Bluche, Th{\\'e}odore and others},
  journal = {arXiv preprint arXiv:1805.10190},
  year = {2018}
}"""

_CITE_CAIS = """@inproceedings{liu-etal-2019-cm,
  title = {{CM}-Net: A Novel Collaborative Memory Network for Spoken Language Understanding},
  author = {Liu, Yijin and Meng, Fandong and Zhang, Jinchao and Zhou, Jie and Chen, Yufeng and Xu, Jinan},
  booktitle = {Proceedings of EMNLP-IJCNLP 2019},
  year = {2019}
}"""

_CITE_CLINC150 = """@inproceedings{larson-etal-2019-evaluation,
  title = {An Evaluation Dataset for Intent Classification and Out-of-Scope Prediction},
  author = {Larson, Stefan and Mahendran, Anish and Peper, Joseph J. and Clarke, Christopher and others},
  booktitle = {Proceedings of EMNLP-IJCNLP 2019},
  year = {2019}
}"""

_SLOT_GATED = "MiuLab/SlotGated-SLU"
_SLOT_GATED_COMMIT = "61f0307c729b1fad479ef1de94aa5ac5dee601b0"


def _snips_upstream(path: str) -> str:
    split, intent = re.fullmatch(r"(\w+)/(\w+)\.json", path).groups()  # type: ignore[union-attr]
    name = f"train_{intent}_full.json" if split == "train" else f"validate_{intent}.json"
    return f"2017-06-custom-intent-engines/{intent}/{name}"


CATALOG: dict[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        Dataset(
            name="atis",
            about="questions about flights, the split of Goo et al. 2018",
            language="English",
            sizes={"train": 4478, "valid": 500, "test": 893},
            licence="none stated: measure with it, do not ship it",
            citation=_CITE_ATIS,
            repository=_SLOT_GATED,
            commit=_SLOT_GATED_COMMIT,
            mirror="atis",
            sha256=_ATIS,
            upstream={path: f"data/atis/{path}" for path in _ATIS},
        ),
        Dataset(
            name="snips",
            about="seven assistant intents as tagged tokens, the split of Goo et al. 2018",
            language="English",
            sizes={"train": 13084, "valid": 700, "test": 700},
            licence="none stated for this form; the original text is CC0 1.0",
            citation=_CITE_SNIPS,
            repository=_SLOT_GATED,
            commit=_SLOT_GATED_COMMIT,
            mirror="snips",
            sha256=_SNIPS,
            upstream={path: f"data/snips/{path}" for path in _SNIPS},
        ),
        Dataset(
            name="snips-original",
            about="seven assistant intents as raw text, as Snips published them",
            language="English",
            sizes={"train": 13784, "test": 700},
            licence="CC0 1.0",
            citation=_CITE_SNIPS,
            repository="sonos/nlu-benchmark",
            commit="b86ac7f1577868c42158d0dec77db50956046696",
            mirror="snips_original",
            sha256=_SNIPS_ORIGINAL,
            upstream={path: _snips_upstream(path) for path in _SNIPS_ORIGINAL},
            mirrored={path: _snips_upstream(path).rpartition("/")[2] for path in _SNIPS_ORIGINAL},
        ),
        Dataset(
            name="cais",
            about="requests to a Chinese smart speaker, tagged by character; 87 % are PlayMusic",
            language="Chinese",
            sizes={"train": 7995, "dev": 994, "test": 1012},
            licence="none stated: measure with it, do not ship it",
            citation=_CITE_CAIS,
            repository="AaronTengDeChuan/MLWA-Chinese-SLU",
            commit="e09346fe8dfda41cb3cca887bef22d53599b5957",
            mirror="cais",
            sha256=_CAIS,
            upstream={path: f"data/cais_bies-True_token-True/{path.split('/')[0]}.txt" for path in _CAIS},
        ),
        Dataset(
            name="clinc150",
            about="150 intents of an assistant, without slots, and utterances out of scope",
            language="English",
            sizes={
                "train": 15000,
                "dev": 3000,
                "test": 4500,
                "oos_train": 100,
                "oos_dev": 100,
                "oos_test": 1000,
            },
            licence="CC BY 3.0",
            citation=_CITE_CLINC150,
            repository="clinc/oos-eval",
            commit="828f8093932c8fe6ca7936c3d2e52903b1c523de",
            mirror="clinc150",
            sha256=_CLINC150,
            upstream={"data_full.json": "data/data_full.json"},
        ),
    )
}


def known(name: str) -> Dataset:
    """The known dataset of that name.

    Raises:
        DataError: There is none; the nearest name is suggested.

    Example:
        >>> known("atis").sizes["test"]
        893
    """
    if name in CATALOG:
        return CATALOG[name]
    near = difflib.get_close_matches(name.lower().replace("_", "-"), CATALOG, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else "jointbert data list describes them."
    raise DataError(f"dataset {name!r}", "is not known", f"one of {', '.join(CATALOG)}", hint)

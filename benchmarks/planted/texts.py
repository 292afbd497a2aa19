"""Titles and abstracts made of sentences: what themes are called, do and gain, among talk that all share.

Every word was written for this project. A theme's name stands in most of its papers and not in all; papers
also mention other themes, and words such as attention, sparse, tokens, experts and pruning stand in papers
of every theme. Neighbouring themes are tried in the same places, and some papers blend two.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

OFF_TOPIC = "off topic"
"""What papers of no theme are filed under."""


@dataclass(frozen=True)
class Words:
    """What the sentences of one theme are filled with.

    Attributes
    ----------
    names
        What the theme is called.
    things
        What its papers build or look at, plural.
    acts
        What its methods do, after "it".
    troubles
        What is wrong so far, a clause.
    gains
        What gets better.
    places
        Where it is tried.
    """

    names: tuple[str, ...]
    things: tuple[str, ...]
    acts: tuple[str, ...]
    troubles: tuple[str, ...]
    gains: tuple[str, ...]
    places: tuple[str, ...]


def _words(names: str, things: str, acts: str, troubles: str, gains: str, places: str) -> Words:
    return Words(*(tuple(part.split("; ")) for part in (names, things, acts, troubles, gains, places)))


WORDS = {
    "sparse attention": _words(
        "sparse attention; block-sparse attention; attention sparsity; attending to few keys",
        "attention masks; key blocks; attention heads; query positions; long-range keys; local windows",
        "scores blocks of keys and skips the low ones; learns which positions a query may see; "
        "keeps a sliding window and a few global keys; selects keys by hashing queries; "
        "prunes the attention map before the softmax",
        "the cost of self-attention grows with the square of the sequence length; "
        "most attention weights are close to zero and still computed; "
        "dense attention fills the memory of one device at long inputs; "
        "fixed attention patterns miss keys that are far away",
        "prefill latency; attention cost; context length; memory of the attention layer; decoding speed",
        "long documents; book summaries; large-scale pre-training; genome-length sequences; "
        "repository-level code; video understanding",
    ),
    "sparse autoencoders": _words(
        "sparse autoencoders; sparse autoencoder features; dictionary learning on activations; "
        "monosemantic features",
        "latent features; dictionary atoms; residual stream activations; feature circuits; "
        "dead latents; steering directions",
        "decomposes hidden activations into sparse latents; names each latent by the inputs that fire it; "
        "steers the model along one decoded direction; traces circuits through learned dictionaries; "
        "penalises latents that fire together",
        "single neurons of a language model answer to many unrelated concepts; "
        "it is unclear what the hidden layers of a network represent; "
        "many latents of a learned dictionary never fire; "
        "explanations of neurons are rarely tested by intervention",
        "interpretability; reconstruction of activations; faithfulness of explanations; control by steering; "
        "feature purity",
        "residual streams of language models; vision encoders; refusal behaviour; factual recall; "
        "the layers of a small transformer; protein language models seen from inside",
    ),
    "visual token pruning": _words(
        "visual token pruning; token pruning; visual token reduction; merging image patches",
        "visual tokens; image patches; redundant patches; vision encoders; video frames; patch scores",
        "drops image patches that the question does not need; merges similar visual tokens layer by layer; "
        "ranks patches by the attention of the class token; keeps fewer tokens in deeper layers; "
        "allots a token budget by frame",
        "a vision-language model reads thousands of visual tokens per image; "
        "most image patches show background; "
        "high-resolution inputs fill the context with patches; "
        "pruning by attention alone drops small objects",
        "prefill latency; inference speed; attention cost; memory per image; accuracy at few tokens",
        "visual question answering; video understanding; document images; high-resolution photographs; "
        "image captioning; chart reading",
    ),
    "mixture of experts": _words(
        "mixture of experts; mixture-of-experts layers; sparsely activated experts; MoE routing",
        "expert networks; router logits; gating functions; expert loads; feed-forward experts; "
        "shared experts",
        "routes each token to two experts; balances the load without an auxiliary loss; "
        "splits large experts into fine-grained ones; places experts on devices by their traffic; "
        "lets experts choose their tokens",
        "a few experts receive most of the tokens; "
        "dense models spend the same compute on every token; "
        "experts on different devices wait for each other; "
        "routers collapse early in training",
        "expert utilisation; compute per token; load balance; decoding speed; specialisation of experts",
        "large-scale pre-training; multilingual corpora; repository-level code; instruction tuning; "
        "long documents; low-resource language pairs",
    ),
    "image diffusion": _words(
        "diffusion models; denoising diffusion; score-based generation; latent diffusion",
        "noise schedules; denoising steps; guidance scales; latent images; samplers; text prompts",
        "distils many denoising steps into four; learns the schedule of the noise; "
        "guides sampling by the text prompt; solves the reverse process by a better integrator; "
        "denoises in a compressed latent space",
        "sampling an image takes dozens of denoising steps; "
        "strong guidance washes out the colours of images; "
        "text prompts with several objects are drawn wrongly; "
        "the noise schedule is chosen by hand",
        "sample quality; number of denoising steps; sharpness of images; diversity of images; sampling time",
        "text-to-image synthesis; image editing; inpainting; face synthesis; super-resolution; "
        "style transfer",
    ),
    "retrieval-augmented generation": _words(
        "retrieval-augmented generation; retrieval augmentation; grounded answering with retrieved passages; "
        "passage retrieval for generation",
        "retrieved passages; dense retrievers; passage rerankers; document chunks; citations; search indexes",
        "retrieves passages before it answers; rewrites the question for the search index; "
        "reranks chunks by how much they help the answer; cites the passage of each claim; "
        "decides when no retrieval is needed",
        "language models answer from memory and invent facts; "
        "retrieved passages contradict each other; "
        "the retriever and the generator are trained apart; "
        "long lists of passages hide the useful one",
        "answer accuracy; citation quality; retrieval recall; freshness of answers; groundedness",
        "open-domain question answering; long documents; legal search; customer support; "
        "repository-level code; visual question answering",
    ),
    "reinforcement learning": _words(
        "deep reinforcement learning; policy gradient learning; value-based reinforcement learning; "
        "off-policy learning",
        "value functions; exploration bonuses; replay buffers; policies; reward signals; game agents",
        "explores states that were seldom visited; replays transitions by their surprise; "
        "learns a model of the environment to plan ahead; bounds the step of each policy update; "
        "shapes the reward from demonstrations",
        "agents need millions of steps to learn a game; "
        "rewards are rare and late; "
        "value estimates are too optimistic; "
        "a policy that learnt in simulation fails on the robot",
        "sample efficiency; episode return; stability of policies; exploration; asymptotic reward",
        "arcade games; continuous control; maze navigation; locomotion of simulated robots; "
        "board games; robotic grasping",
    ),
    "adversarial image generation": _words(
        "generative adversarial networks; adversarial generators; GAN training; "
        "generator and discriminator games",
        "discriminators; generators; style codes; adversarial losses; mode collapse; spectral norms",
        "penalises the gradient of the discriminator; grows the generator layer by layer; "
        "separates style codes from content; matches features of real and generated faces; "
        "trains two discriminators at different scales",
        "the generator collapses to a few modes; "
        "the discriminator wins early and its gradient vanishes; "
        "adversarial training oscillates; "
        "generated faces show artefacts of the upsampling",
        "stability of training; sample quality; diversity of images; sharpness of images; "
        "convergence of the generator",
        "face synthesis; image editing; super-resolution; style transfer; text-to-image synthesis; "
        "bedroom scenes",
    ),
    "recurrent translation": _words(
        "recurrent neural machine translation; encoder-decoder translation; "
        "translation with recurrent networks; LSTM translation models",
        "recurrent encoders; source sentences; target languages; beam search; bilingual corpora; "
        "subword vocabularies",
        "aligns source and target words while it decodes; translates rare words by subword units; "
        "back-translates monolingual sentences; shares one encoder among languages; "
        "rescores the beam with a target language model",
        "recurrent decoders forget the start of long sentences; "
        "rare words are translated as unknown; "
        "parallel sentences are scarce for most language pairs; "
        "beam search prefers short translations",
        "translation quality; BLEU; adequacy; fluency of the target; coverage of source words",
        "English to German news; low-resource language pairs; spoken lectures; patent texts; "
        "Czech and Finnish; parliamentary proceedings",
    ),
    "graph networks": _words(
        "graph neural networks; message passing on graphs; graph convolutions; node representation learning",
        "nodes and edges; adjacency matrices; neighbourhood samples; graph Laplacians; node labels; "
        "subgraphs",
        "passes messages between neighbouring nodes; samples neighbourhoods by importance; "
        "rewires edges before the convolution; adds positions from the Laplacian; "
        "pools nodes into a coarser graph",
        "deep graph networks make all nodes alike; "
        "messages from distant nodes are squashed; "
        "neighbours of different classes mislead the convolution; "
        "large graphs do not fit into memory",
        "node classification accuracy; link prediction; depth of graph networks; expressive power; "
        "scalability to large graphs",
        "citation networks; molecules as graphs; social networks; knowledge graphs; protein complexes; "
        "heterophilous graphs",
    ),
    "speech recognition": _words(
        "automatic speech recognition; end-to-end speech recognition; acoustic modelling; "
        "speech transcription",
        "acoustic features; utterances; phonemes; speaker embeddings; spectrograms; microphones",
        "pre-trains on unlabelled audio; decodes utterances while they are spoken; "
        "adapts the acoustic model to a speaker; augments spectrograms by masking; "
        "joins a pronunciation lexicon with a neural decoder",
        "noise and reverberation spoil the transcripts; "
        "accents differ from the training speakers; "
        "transcribed audio is scarce for most languages; "
        "streaming decoders lag behind the speaker",
        "word error rate; streaming latency; robustness to noise; speaker adaptation; transcript accuracy",
        "telephone conversations; meeting rooms; low-resource language pairs; broadcast news; "
        "mobile devices; spoken lectures",
    ),
    "federated learning": _words(
        "federated learning; federated optimisation; collaborative training on private devices; "
        "private distributed training",
        "clients; local updates; communication rounds; secure aggregation; privacy budgets; client drift",
        "averages the updates of clients on a server; corrects the drift of local steps; "
        "compresses updates before they are sent; adds noise that keeps clients private; "
        "chooses the clients of each round",
        "the data of clients differ in distribution; "
        "communication between phones and server is slow; "
        "updates leak private examples; "
        "clients drop out in the middle of a round",
        "communication cost; privacy guarantees; fairness among clients; convergence on skewed clients; "
        "personalisation",
        "mobile devices; hospital networks; voice assistants; wearable sensors; banks that share no records; "
        "cross-silo training",
    ),
    "protein structure": _words(
        "protein structure prediction; protein folding; modelling of protein structures; protein design",
        "amino acid sequences; residue contacts; backbone angles; sequence alignments; binding sites; "
        "side chains",
        "predicts distances between residues; folds a sequence without an alignment; "
        "designs sequences for a given backbone; docks a ligand into the binding site; "
        "refines side chains by equivariant updates",
        "experimental structures are slow to determine; "
        "orphan proteins have no related sequences; "
        "flexible loops have no single structure; "
        "mutations change stability in ways that are hard to predict",
        "structure accuracy; binding affinity prediction; design success; confidence of predicted residues; "
        "coverage of protein families",
        "enzymes; antibodies; membrane proteins; protein complexes; orphan sequences; therapeutic peptides",
    ),
    "3D reconstruction": _words(
        "3D reconstruction; neural radiance fields; surface reconstruction from views; novel view synthesis",
        "camera poses; point clouds; radiance fields; meshes; depth maps; rays",
        "renders rays through a learned volume; estimates camera poses and surfaces together; "
        "fuses depth maps into one mesh; represents the scene by small gaussians; "
        "regularises the geometry by surface normals",
        "few views leave the geometry ambiguous; "
        "rendering a volume is slow; "
        "shiny surfaces break the matching of views; "
        "camera poses are inexact",
        "geometric accuracy; rendering speed; quality from few views; completeness of surfaces; "
        "pose accuracy",
        "indoor scans; street scenes; objects on a turntable; aerial photographs; human bodies; "
        "archaeological sites",
    ),
}
"""What each theme's sentences are filled with."""

MATTERS = (
    "soil moisture; trade routes; tax incentives; bleaching; corrosion; sleep quality; aroma compounds; "
    "ice retreat; court rulings; foraging; wind loads; early reading; electrolytes; cluster masses; "
    "resistance; timetables; ash layers; labour contracts; fatigue cracks; dietary fibre; pottery; "
    "prime factors; early warning; ripening; parental leave; light curves; surgery outcomes; salinity; "
    "choral singing; insurance claims; fire spread; thin films; visitor numbers; turbines; pension "
    "rights; pollination"
).split("; ")
SETTINGS = (
    "vineyards; medieval towns; small firms; coral reefs; steel bridges; shift workers; roasted coffee; "
    "glaciers; rented housing; bee colonies; tall towers; primary schools; batteries; galaxies; rivers; "
    "bus networks; volcanic islands; migrant families; railway tracks; elderly patients; river "
    "settlements; number fields; coastal cities; cheese dairies; public offices; supernovae; knee "
    "joints; aquifers; amateur choirs; car insurance; pine forests; magnetic materials; museums; tidal "
    "basins; retired miners; orchids"
).split("; ")
"""What papers off topic are about: one of the first in one of the second, so that hardly two are alike."""

ASPECTS = (
    "field measurements; archival records; household surveys; laboratory assays; satellite images; "
    "interviews; seasonal variation; regional differences; long-term costs; historical sources; a "
    "numerical model; a controlled trial"
).split("; ")
"""What papers off topic look at it through."""

SHARED = (
    "We study the problem on public and on private data.",
    "Experiments on several benchmarks show consistent improvements over strong baselines.",
    "Ablations show which parts of the method matter.",
    "The code and the settings will be released.",
    "The method is simple and adds few parameters.",
    "We also report where the approach fails.",
    "Results hold over several random seeds.",
    "An analysis of errors suggests directions for future work.",
    "Compared with earlier work, the gains are largest when data are scarce.",
    "We discuss limitations and the cost of the experiments.",
    "The evaluation follows a protocol fixed in advance.",
    "Both automatic measures and human raters agree on the outcome.",
)
"""What papers of any theme say."""

STRAY = (
    "A sparse set of annotations is enough for training.",
    "Particular attention is paid to rare cases.",
    "Domain experts checked a sample of the outputs.",
    "Hyperparameters were found by pruning a small search early.",
    "A transformer backbone is used where nothing else is said.",
    "The graph of results over training time is smooth.",
    "Tokens, pixels and other inputs are treated alike in the implementation.",
    "Retrieval of the nearest training examples explains some of the errors.",
    "An agent-based view of the experiments is given in the appendix.",
    "A diffusion of ideas between the two communities would help.",
)
"""Sentences with the words of some themes in papers of any."""

OPENINGS = (
    "{Name} has drawn much interest, yet {trouble}.",
    "In spite of strong results of {name} for {place}, {trouble}.",
    "In {place}, {trouble}.",
    "Work on {name} has so far neglected {things}.",
    "Recent systems for {place} rely on {things}, but {trouble}.",
    "Progress in {name} is often limited because {trouble}.",
)
MIDDLES = (
    "We present {coined}, which {act}.",
    "Our approach {act} and {act2}.",
    "The key idea is a method that {act}.",
    "{coined} {act}, so that {things} can be handled at scale.",
    "We revisit {things} and propose a procedure that {act}.",
    "Starting from {things}, the proposed model {act}.",
)
DETAILS = (
    "We analyse how {things} depend on {things2}.",
    "This improves {gain} without loss of {gain2}.",
    "A theoretical argument links {things} to {gain}.",
    "We find that {things} matter more than {things2}.",
    "The design needs no change of {things}.",
    "As a consequence, {gain} rises while the training cost stays the same.",
)
ENDINGS = (
    "On {place} and {place2}, {coined} improves {gain} by {percent} percent.",
    "On {place}, we gain {percent} percent in {gain}.",
    "We test the method on {place} and {place2} and see better {gain}.",
    "For {place}, the best setting improves {gain} by {percent} percent.",
)
MENTIONS = (
    "Ideas from {name} inspired part of the design.",
    "The findings may carry over to {name}.",
    "Unlike work on {name}, we make no assumption on the architecture.",
)
TITLES = (
    "{coined}: {name} for {place}",
    "{coined}: better {gain} for {place}",
    "{coined}: rethinking {things} in {place}",
    "{name} with {things} for {place}",
    "On {things} and {things2} in {name}",
    "Improving {gain} of {name} for {place}",
    "When do {things} help in {place}?",
    "What {things} tell about {gain} in {place}",
)
OFF_TITLES = (
    "{aspect} of {subject}: evidence from {n} cases",
    "{subject} and {aspect}: a study of {n} sites",
    "Understanding {subject} through {aspect} in {n} places",
    "A note on {subject}, with {aspect} from {n} years",
)
OFF_SENTENCES = (
    "This paper examines {subject} through {aspect}.",
    "Little is known about {subject} beyond a few reports.",
    "We combine {aspect} with {aspect2} collected over {n} months.",
    "The results for {subject} vary with the year and the place of observation.",
    "Our account of {subject} rests on {aspect2}.",
    "The findings on {subject} are relevant to practitioners and to public bodies.",
)
SYLLABLES = "bra cel dor fen gil hov jun kal lum mer nov pex qui ras sol tav ul vor wex yon zim".split()


def theme_paper(theme: str, other: str | None, blend: bool, random: np.random.Generator) -> tuple[str, str]:
    """Write the title and abstract of a paper of a theme.

    It may mention another one in a sentence, or blend with it: then two of its sentences are the other's.
    """
    words = WORDS[theme]
    filled = _varied(words, random) | {"coined": _coined(random)}
    body = [
        _draw(OPENINGS, random),
        _draw(MIDDLES, random),
        *_several(DETAILS, int(random.integers(1, 3)), random),
        _draw(ENDINGS, random),
    ]
    foreign = set(random.permutation(len(body))[:2]) if blend and other is not None else set()
    sentences = [
        _written(sentence, filled | _varied(WORDS[other] if place in foreign else words, random))
        for place, sentence in enumerate(body)
    ]
    around = [*_several(SHARED, int(random.integers(2, 5)), random)]
    if random.random() < 0.4:
        around.append(_draw(STRAY, random))
    if other is not None and not blend:
        around.append(_written(_draw(MENTIONS, random), {"name": _draw(WORDS[other].names, random)}))
    for sentence in around:
        sentences.insert(int(random.integers(1, len(sentences) + 1)), sentence)
    return _written(_draw(TITLES, random), filled), " ".join(sentences)


def off_topic_paper(random: np.random.Generator) -> tuple[str, str]:
    """Write the title and abstract of a paper on something else altogether."""
    aspect, aspect2 = _several(ASPECTS, 2, random)
    filled = {
        "subject": f"{_draw(MATTERS, random)} in {_draw(SETTINGS, random)}",
        "aspect": aspect,
        "aspect2": aspect2,
        "n": str(random.integers(5, 400)),
    }
    body = [_written(sentence, filled) for sentence in _several(OFF_SENTENCES, 4, random)]
    body += _several(SHARED, int(random.integers(2, 5)), random)
    if random.random() < 0.4:
        body.append(_draw(STRAY, random))
    return _written(_draw(OFF_TITLES, random), filled), " ".join(body)


def _varied(words: Words, random: np.random.Generator) -> dict[str, str]:
    """Draw the fillings of one sentence; those that come in pairs differ."""
    things, things2 = _several(words.things, 2, random)
    act, act2 = _several(words.acts, 2, random)
    gain, gain2 = _several(words.gains, 2, random)
    place, place2 = _several(words.places, 2, random)
    name = _draw(words.names, random)
    return {
        "name": name,
        "Name": _capital(name),
        "trouble": _draw(words.troubles, random),
        "percent": str(random.integers(2, 40)),
        **{"things": things, "things2": things2, "act": act, "act2": act2},
        **{"gain": gain, "gain2": gain2, "place": place, "place2": place2},
    }


def _coined(random: np.random.Generator) -> str:
    """Invent the name of a method."""
    return "".join(_several(SYLLABLES, int(random.integers(2, 4)), random)).capitalize()


def _written(pattern: str, filled: dict[str, str]) -> str:
    return _capital(pattern.format_map(filled))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _draw(choices: Sequence[str], random: np.random.Generator) -> str:
    return choices[int(random.integers(len(choices)))]


def _several(choices: Sequence[str], n: int, random: np.random.Generator) -> list[str]:
    return [choices[int(place)] for place in random.permutation(len(choices))[:n]]

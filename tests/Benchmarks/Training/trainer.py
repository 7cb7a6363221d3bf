"""The throughput benchmark's model in PyTorch, as one writes it: a peer of Reco's trainer.

usage: trainer.py EVENTS STEPS dense|sparse [THREADS]

Same sizes, batches, negatives, loss and optimiser (AdamW over whole tables; "sparse" has SparseAdam for the embeddings instead). Batches
are assembled with NumPy. Prints interactions a second over STEPS steps, after five that are not counted.
"""

import sys
import time

import numpy as np
import torch
from torch import nn

USERS, ITEMS, CATEGORIES, BATCH, NEGATIVES, HISTORY, WIDTH = 200_000, 50_000, 100, 2_048, 1_024, 10, 63


def main():
    events, steps, kind = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    torch.set_num_threads(int(sys.argv[4]) if len(sys.argv) > 4 else 2)
    torch.manual_seed(1)
    random = np.random.default_rng(1)
    users = random.integers(0, USERS, events)
    items = (ITEMS * random.random(events) ** 3).astype(np.int64)

    # Events in order of user and time: the history of an event is what stands before it, as far as it is the same user's.
    order = np.argsort(users, kind="stable")
    users, items = users[order], items[order]
    first = np.searchsorted(users, users)
    share = np.bincount(items, minlength=ITEMS) / events
    category = torch.arange(ITEMS) % CATEGORIES

    sparse = kind == "sparse"
    own = nn.Embedding(ITEMS, WIDTH, sparse=sparse)
    user = nn.Embedding(USERS + 1, WIDTH, sparse=sparse)
    bias = nn.Embedding(ITEMS, 1, sparse=sparse)
    content = nn.Embedding(CATEGORIES, WIDTH + 1)
    passing = nn.Parameter(torch.eye(WIDTH))
    recency = nn.Parameter(torch.zeros(HISTORY))
    for table, size in ((own, 0.1), (user, 0), (bias, 0), (content, 0.1)):
        nn.init.normal_(table.weight, 0, size)
    tables = [own.weight, user.weight, bias.weight]
    others = [content.weight, passing, recency]
    optimisers = [torch.optim.SparseAdam(tables, lr=0.003), torch.optim.AdamW(others, lr=0.003)] if sparse else [torch.optim.AdamW(tables + others, lr=0.003)]

    shuffled = random.permutation(events)
    done, losses, started = 0, [], 0.0
    for step in range(steps + 5):
        if step == 5:
            started, done = time.perf_counter(), 0
        rows = shuffled[np.arange(step * BATCH, (step + 1) * BATCH) % events]
        places = rows[:, None] - 1 - np.arange(HISTORY)[None, :]
        known = places >= first[rows][:, None]
        history = torch.from_numpy(np.where(known, items[np.maximum(places, 0)], 0))
        padding = torch.from_numpy(~known)
        who = torch.from_numpy(np.where(random.random(BATCH) < 0.3, 0, users[rows] + 1))
        negatives = random.integers(0, ITEMS, NEGATIVES)
        candidates = np.concatenate([items[rows], negatives])
        expected = torch.from_numpy(np.log(share[candidates] * BATCH + NEGATIVES / ITEMS).astype(np.float32))
        candidates = torch.from_numpy(candidates)

        weights = recency.expand(BATCH, -1).masked_fill(padding, -1e9).softmax(-1).masked_fill(padding, 0)
        past = own(history) + content(category[history])[..., :WIDTH]
        pooled = torch.bmm(weights.unsqueeze(1), past).squeeze(1)
        vectors = user(who) + pooled @ passing
        described = content(category[candidates])
        targets = own(candidates) + described[:, :WIDTH]
        logits = vectors @ targets.t() + bias(candidates).squeeze(1) + described[:, WIDTH] - expected
        same = candidates[:BATCH, None] == candidates[None, :]
        same[torch.arange(BATCH), torch.arange(BATCH)] = False
        loss = nn.functional.cross_entropy(logits.masked_fill(same, -1e9), torch.arange(BATCH))
        for optimiser in optimisers:
            optimiser.zero_grad(set_to_none=True)
        loss.backward()
        for optimiser in optimisers:
            optimiser.step()
        losses.append(loss.item())
        done += BATCH

    seconds = time.perf_counter() - started
    print(f"PyTorch {torch.__version__}, {kind}: {done} interactions in {seconds:.1f} s, {done / seconds:.0f} interactions/s, loss {losses[0]:.4f} to {losses[-1]:.4f}")


main()

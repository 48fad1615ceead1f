#!/usr/bin/python3
"""How many held-out answers a checkpoint's averaged weights get exactly right.  check.py DATA CHECKPOINT [MISSES_PER_DOMAIN]

A greedy answer is the right one exactly if, read along the right answer, every token is the likeliest: so one pass over whole
conversations measures in seconds what evaluate.ts, which really generates, needs minutes for. With thinking on the reasoning has
to be word for word, too, which is a little stricter than evaluate.ts.
"""
import json
import sys
from types import SimpleNamespace

import numpy as np
import torch

from train import HERE, Batch, Course, Model, run


class Vocabulary:
    def __init__(self):
        self.tokens = json.load(open(f'{HERE}/vocabulary.json'))['tokens']
        printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
        self.bytes = {chr(b): b for b in printable}
        self.bytes.update({chr(256 + i): b for i, b in enumerate(b for b in range(256) if b not in printable)})

    def text(self, ids):
        raw = b''.join(
            bytes(self.bytes[c] for c in token) if all(c in self.bytes for c in token) else token.encode()
            for token in (self.tokens[i] for i in ids)
        )
        return raw.decode(errors='replace')


def predictions(model, batch):
    """The likeliest token at each learnt place."""
    model.pass_(batch)
    norm, n = model.w['norm'], len(batch.chosen)
    hidden = (model.pass_.work['h'][torch.from_numpy(batch.chosen)].float() * norm).bfloat16().float()
    return (hidden @ model.w['embedding'].T).argmax(-1).numpy()


def main():
    torch.set_num_threads(1)
    folder, path = sys.argv[1:3]
    shown = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    saved = torch.load(path)
    vocabulary = Vocabulary()
    model = Model(SimpleNamespace(**saved['shape']), len(vocabulary.tokens))
    model.load(model.weights, saved['averaged'])
    model.pass_.pack()
    course = Course(folder, 'check', np.random.default_rng())
    rows, misses = {}, {}
    for index, line in enumerate(open(f'{folder}/check.domains').read().split('\n')):
        domain, thinking = line.split('\t')
        batch = Batch(course, [index])
        if len(batch.chosen) == 0:
            continue
        # only the last answer counts; what was said before it is given
        last = np.flatnonzero(np.diff(batch.chosen, prepend=-9) > 1)[-1]
        got, wanted = predictions(model, batch)[last:], batch.wanted[last:]
        right = bool((got == wanted).all())
        tally = rows.setdefault(domain, {'off': [0, 0], 'on': [0, 0]})[thinking]
        tally[0] += right
        tally[1] += 1
        if not right and misses.setdefault(domain, 0) < shown:
            misses[domain] += 1
            at = int(np.flatnonzero(got != wanted)[0])
            print(f'--- {domain}, thinking {thinking}\n{vocabulary.text(batch.tokens[: batch.chosen[last] + 1])[-500:]}')
            print(f'>>> want {vocabulary.text(wanted)!r}\n>>> after {vocabulary.text(wanted[:at])[-40:]!r} got {vocabulary.text(got[at:at+1])!r}')
    percent = lambda tally: f'{100 * tally[0] / max(1, tally[1]):5.1f} %'
    for domain, row in sorted(rows.items()):
        print(f'{domain:28} {percent(row["off"])}  {percent(row["on"])}   of {row["off"][1]}, {row["on"][1]}')
    total = lambda mode: percent([sum(row[mode][i] for row in rows.values()) for i in (0, 1)])
    print(f'{"all":28} {total("off")}  {total("on")}')


if __name__ == '__main__':
    main()

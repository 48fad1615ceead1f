#!/usr/bin/python3
"""Trains the demo model on one CPU core. The architecture is llama's, so that llama.cpp runs it as it is.

train.py --data DIR --out DIR --mix drill:3,mix:1 --minutes 12 --lr-from 1 --lr-to 1 [shape options]

A run goes on from OUT/checkpoint.pt if there is one, so that a training is a row of calls: drill, mix, long.
`--minutes` is CPU time of this call; the file OUT/minutes overrides it while the run goes on.
"""
import argparse
import json
import os
import signal
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

CONTEXT = 4096
ROPE_BASE = 50_000.0
QUERY_BLOCK = 128  # attention is computed in blocks of so many queries, which saves memory and half of the work
EMA = 0.99  # of the weights, per step; what is exported
ADAM_LR = 3e-3


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument('--data', required=True)
    parser.add_argument('--out', required=True)
    parser.add_argument('--mix', required=True, help='course:share,… shares are of tokens')
    parser.add_argument('--minutes', type=float, required=True)
    parser.add_argument('--lr-from', type=float, default=1.0)
    parser.add_argument('--lr-to', type=float, default=1.0)
    parser.add_argument('--muon-lr', type=float, default=0.02)
    parser.add_argument('--adam-lr', type=float, default=ADAM_LR)
    parser.add_argument('--batch-tokens', type=int, default=4096)
    parser.add_argument('--width', type=int, default=192)
    parser.add_argument('--layers', type=int, default=6)
    parser.add_argument('--heads', type=int, default=6)
    parser.add_argument('--kv-heads', type=int, default=2)
    parser.add_argument('--ffn', type=int, default=512)
    parser.add_argument('--seed', type=int, default=0)
    return parser.parse_args()


class Norm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * self.weight


class Rope(nn.Module):
    """Neighbouring pairs are rotated: what llama.cpp calls the normal kind."""

    def __init__(self, head):
        super().__init__()
        angles = torch.arange(CONTEXT).float()[:, None] * ROPE_BASE ** (-torch.arange(0, head, 2).float() / head)
        self.turns = torch.polar(torch.ones_like(angles), angles)

    def forward(self, x):
        """x is batch, place, head, dimension."""
        turned = torch.view_as_complex(x.unflatten(-1, (-1, 2))) * self.turns[: x.shape[1], None]
        return torch.view_as_real(turned).flatten(3).to(torch.bfloat16)


def attention(q, k, v):
    """Causal attention, block of queries by block of queries; k and v are already repeated per query head."""
    length, out = q.shape[2], []
    for start in range(0, length, QUERY_BLOCK):
        end = min(start + QUERY_BLOCK, length)
        scores = q[:, :, start:end] @ k[:, :, :end].transpose(2, 3)
        future = torch.full((end - start, end), -1e9, dtype=scores.dtype).triu(start + 1)
        out.append(torch.softmax(scores + future, -1, dtype=torch.float32).to(v.dtype) @ v[:, :, :end])
    return torch.cat(out, 2) if len(out) > 1 else out[0]


class Block(nn.Module):
    def __init__(self, o, rope):
        super().__init__()
        self.heads, self.kv_heads, self.head, self.rope = o.heads, o.kv_heads, o.width // o.heads, rope
        linear = lambda i, j: nn.Linear(i, j, bias=False)
        self.attn_norm, self.ffn_norm = Norm(o.width), Norm(o.width)
        self.attn_q, self.attn_output = linear(o.width, o.width), linear(o.width, o.width)
        self.attn_k, self.attn_v = linear(o.width, self.head * o.kv_heads), linear(o.width, self.head * o.kv_heads)
        self.ffn_gate, self.ffn_up, self.ffn_down = linear(o.width, o.ffn), linear(o.width, o.ffn), linear(o.ffn, o.width)
        nn.init.zeros_(self.attn_output.weight)
        nn.init.zeros_(self.ffn_down.weight)

    def forward(self, x):
        batch, length, width = x.shape
        split = lambda y, heads: y.view(batch, length, heads, self.head)
        h = self.attn_norm(x)
        q = self.rope(split(self.attn_q(h), self.heads).float() * self.head**-0.5).transpose(1, 2)
        k = self.rope(split(self.attn_k(h), self.kv_heads).float()).transpose(1, 2)
        v = split(self.attn_v(h), self.kv_heads).transpose(1, 2)
        repeat = self.heads // self.kv_heads
        mixed = attention(q, k.repeat_interleave(repeat, 1), v.repeat_interleave(repeat, 1))
        x = x + self.attn_output(mixed.transpose(1, 2).reshape(batch, length, width))
        h = self.ffn_norm(x)
        return x + self.ffn_down(F.silu(self.ffn_gate(h)) * self.ffn_up(h))


class Model(nn.Module):
    def __init__(self, o, vocabulary):
        super().__init__()
        rope = Rope(o.width // o.heads)
        self.token_embd = nn.Embedding(vocabulary, o.width)
        nn.init.normal_(self.token_embd.weight, std=0.02)
        self.blk = nn.ModuleList(Block(o, rope) for _ in range(o.layers))
        self.output_norm = Norm(o.width)

    def forward(self, tokens, chosen):
        """Logits at the chosen places only: most of a conversation is not the model's to say."""
        h = self.token_embd(tokens)
        for block in self.blk:
            h = block(h)
        return F.linear(self.output_norm(h)[chosen], self.token_embd.weight).float()


class Muon:
    """Momentum whose update is made orthogonal: learns the matrices of a small model about twice as fast as Adam."""

    def __init__(self, parameters, momentum=0.95, decay=0.01):
        self.parameters, self.momentum, self.decay = parameters, momentum, decay
        self.velocities = [torch.zeros_like(p) for p in parameters]

    def step(self, lr):
        for p, velocity in zip(self.parameters, self.velocities):
            velocity.mul_(self.momentum).add_(p.grad)
            update = p.grad.add(velocity, alpha=self.momentum)
            tall = update.shape[0] > update.shape[1]
            x = update.T if tall else update
            x = (x / (x.norm() + 1e-7)).bfloat16()
            for _ in range(5):
                a = x @ x.T
                x = 3.4445 * x + (-4.775 * a + 2.0315 * a @ a) @ x
            x = x.float()
            scale = max(1, p.shape[0] / p.shape[1]) ** 0.5
            p.data.mul_(1 - lr * self.decay).add_(x.T if tall else x, alpha=-lr * scale)


class Course:
    """One kind of data; the last conversations are kept for validation."""

    def __init__(self, folder, name, rng):
        self.name, self.rng = name, rng
        self.tokens = np.fromfile(f'{folder}/{name}.tokens', np.uint16)
        self.learnt = np.fromfile(f'{folder}/{name}.learnt', np.uint8)
        self.offsets = np.fromfile(f'{folder}/{name}.offsets', np.uint32).astype(np.int64)
        self.lengths = np.diff(self.offsets)
        self.kept = min(600, len(self.lengths) // 20)

    def batches(self, batch_tokens):
        """Endless batches of conversations of about one length: sorted within a pool, then shuffled."""
        while True:
            order = self.rng.permutation(len(self.lengths) - self.kept)
            for start in range(0, len(order), 3000):
                pool = order[start : start + 3000]
                yield from self.shuffled(pool[np.argsort(self.lengths[pool], kind='stable')], batch_tokens)

    def shuffled(self, pool, batch_tokens):
        batches, current = [], []
        for index in pool:
            if current and (len(current) + 1) * self.lengths[index] > batch_tokens:
                batches.append(current)
                current = []
            current.append(index)
        batches.append(current)
        self.rng.shuffle(batches)
        return batches

    def tensors(self, indices):
        length = -(-int(self.lengths[indices].max()) // 16) * 16 + 1
        tokens, learnt = np.zeros((len(indices), length), np.int64), np.zeros((len(indices), length), bool)
        for row, index in enumerate(indices):
            span = slice(self.offsets[index], self.offsets[index + 1])
            tokens[row, : self.lengths[index]], learnt[row, : self.lengths[index]] = self.tokens[span], self.learnt[span]
        tokens, learnt = torch.from_numpy(tokens), torch.from_numpy(learnt)
        return tokens[:, :-1], learnt[:, 1:], tokens[:, 1:]


def logits_of(model, course, indices):
    tokens, chosen, wanted = course.tensors(indices)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        return model(tokens, chosen), wanted[chosen], tokens.numel()


@torch.no_grad()
def validate(model, course):
    total = count = right = 0
    indices = np.arange(len(course.lengths) - course.kept, len(course.lengths))[: 64 if course.lengths.mean() < 1000 else 8]
    indices = indices[np.argsort(course.lengths[indices])]
    for start in range(0, len(indices), 16):
        logits, wanted, _ = logits_of(model, course, indices[start : start + 16])
        total += F.cross_entropy(logits, wanted, reduction='sum').item()
        count += len(wanted)
        right += (logits.argmax(-1) == wanted).sum().item()
    return total / count, right / count


def optimizers_of(model, adam_lr):
    """Muon for the matrices, AdamW for the embedding and the norms."""
    matrices = [p for p in model.blk.parameters() if p.ndim == 2]
    others = [p for p in model.parameters() if all(p is not q for q in matrices)]
    return Muon(matrices), torch.optim.AdamW(others, lr=adam_lr, betas=(0.9, 0.95), weight_decay=0.0)


def main():
    o = options()
    torch.set_num_threads(1)
    rng = np.random.default_rng(o.seed + int(time.time()))
    vocabulary = len(json.load(open(f'{os.path.dirname(os.path.abspath(__file__))}/vocabulary.json'))['tokens'])
    model = Model(o, vocabulary)
    muon, adam = optimizers_of(model, o.adam_lr)
    others = adam.param_groups[0]['params']
    shape = {k: getattr(o, k) for k in ('width', 'layers', 'heads', 'kv_heads', 'ffn')}
    state = {'step': 0, 'tokens': 0, 'cpu_seconds': 0.0}
    path = f'{o.out}/checkpoint.pt'
    os.makedirs(o.out, exist_ok=True)
    if os.path.exists(path):
        saved = torch.load(path)
        assert saved['shape'] == shape, f"checkpoint has another shape: {saved['shape']}"
        model.load_state_dict(saved['model'])
        adam.load_state_dict(saved['adam'])
        muon.velocities, state = saved['muon'], saved['state']
        averaged = saved['averaged']
    else:
        averaged = {k: v.clone() for k, v in model.state_dict().items()}
    shares = [part.split(':') for part in o.mix.split(',')]
    courses = [Course(o.data, name, rng) for name, _ in shares]
    feeds = [course.batches(o.batch_tokens) for course in courses]
    weights = np.array([float(share) for _, share in shares])
    weights /= weights.sum()
    print('parameters', sum(p.numel() for p in model.parameters()), 'vocabulary', vocabulary, flush=True)

    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))  # saves, then ends
    now = time.process_time
    began, spent, budget = now(), state['cpu_seconds'], o.minutes * 60
    first, saved_at, losses, seen = state['step'], now(), {}, 0

    def save():
        state['cpu_seconds'] = spent + now() - began
        whole = {'shape': shape, 'model': model.state_dict(), 'averaged': averaged, 'adam': adam.state_dict(), 'muon': muon.velocities, 'state': state}
        torch.save(whole, path + '.new')
        os.replace(path + '.new', path)

    def report():
        raw, held = model.state_dict(), {}
        kept = {k: v.clone() for k, v in raw.items()}
        model.load_state_dict(averaged)
        held = {course.name: 'loss %.4f acc %.4f' % validate(model, course) for course in courses}
        model.load_state_dict(kept)
        print('   averaged weights:', held, flush=True)

    while True:
        done = (now() - began) / budget
        if done >= 1 or stop:
            break
        scale = (o.lr_from + (o.lr_to - o.lr_from) * done) * min(1, (state['step'] + 1) / 40)
        which = rng.choice(len(courses), p=weights)
        logits, wanted, size = logits_of(model, courses[which], next(feeds[which]))
        loss = F.cross_entropy(logits, wanted)
        model.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(others, 1.0)
        muon.step(o.muon_lr * scale)
        for group in adam.param_groups:
            group['lr'] = o.adam_lr * scale
        adam.step()
        state['step'] += 1
        state['tokens'] += size
        seen += size
        keep = min(EMA, (state['step'] + 1) / (state['step'] + 10))
        for k, v in model.state_dict().items():
            averaged[k].mul_(keep).add_(v, alpha=1 - keep)
        name = courses[which].name
        losses[name] = 0.97 * losses.get(name, loss.item()) + 0.03 * loss.item()
        if state['step'] % 20 == 0:
            speed = seen / (now() - began)
            shown = ' '.join(f'{k} {v:.4f}' for k, v in losses.items())
            print(f"{spent + now() - began:6.0f}s step {state['step']} {shown} lr {scale:.3f} {speed:.0f} tokens/s", flush=True)
            if os.path.exists(f'{o.out}/minutes'):
                budget = float(open(f'{o.out}/minutes').read()) * 60
        if now() - saved_at > 240:
            save()
            report()
            saved_at = now()
    save()
    report()


if __name__ == '__main__':
    main()

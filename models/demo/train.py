#!/usr/bin/python3
"""Trains the demo model on one CPU core with AMX or AVX-512 for bfloat16. The architecture is llama's, so that llama.cpp runs it as it is.

train.py --data DIR --out DIR --mix copy:1,mix:8 --minutes 12 --lr-from 1 --lr-to 0.5 [shape options]

A run goes on from OUT/checkpoint.pt if there is one, so that a training is a row of calls. `--minutes` is CPU time of this call;
the file OUT/minutes overrides it while the run goes on. The arithmetic is in kernels.c; the passes through the model are here.
"""
import argparse
import ctypes
import functools
import json
import os
import signal
import subprocess
import time

import numpy as np
import torch

CONTEXT = 4096
ROPE_BASE = 50_000.0
MICRO_TOKENS = 2048  # what one pass takes, so that its activations mostly stay in the caches
EMA = 0.99  # of the weights, per step; what is exported
ADAM_LR = 3e-3
WARM_STEPS = 40  # of fresh optimizers
HERE = os.path.dirname(os.path.abspath(__file__))


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
    parser.add_argument('--batch-tokens', type=int, default=16384)
    parser.add_argument('--width', type=int, default=192)
    parser.add_argument('--layers', type=int, default=6)
    parser.add_argument('--heads', type=int, default=6)
    parser.add_argument('--kv-heads', type=int, default=2)
    parser.add_argument('--ffn', type=int, default=512)
    parser.add_argument('--seed', type=int, default=0)
    return parser.parse_args()


@functools.lru_cache(None)
def kernels():
    np.finfo(float)  # numpy wants to know this before tiny numbers become zero
    library = f'{HERE}/run/kernels.so'
    os.makedirs(f'{HERE}/run', exist_ok=True)
    if not os.path.exists(library) or os.path.getmtime(library) < os.path.getmtime(f'{HERE}/kernels.c'):
        command = ['gcc', '-O3', '-march=native', '-shared', '-fPIC', '-o', library, f'{HERE}/kernels.c', '-lm']
        subprocess.run(command, check=True)
    loaded = ctypes.CDLL(library)
    loaded.cross_entropy.restype = ctypes.c_float
    assert loaded.start() == 0, 'The system does not give this process the tiles of AMX.'
    loaded.rope_start(ctypes.c_double(ROPE_BASE))
    return loaded


def run(name, *arguments):
    """Calls a kernel. Tensors (all contiguous) go as pointers, None as the null pointer."""
    def converted(value):
        if isinstance(value, torch.Tensor):
            assert value.is_contiguous()
            return ctypes.c_void_p(value.data_ptr())
        return ctypes.c_long(value) if isinstance(value, int) else ctypes.c_float(value) if isinstance(value, float) else None
    return getattr(kernels(), name)(*map(converted, arguments))


def zeros16(*shape):
    return torch.zeros(shape, dtype=torch.bfloat16)


class Model:
    """The weights in one long vector, and beside it their gradient and their average; `parts` are views of such a vector.

    The norms inside the blocks have no weights of their own (they would be part of the matrices that follow them).
    """

    def __init__(self, o, vocabulary):
        self.o, self.vocabulary = o, vocabulary
        assert o.width // o.heads == 32, 'kernels.c knows heads of 32 only'
        d, kv = o.width, 32 * o.kv_heads
        self.shapes = {
            'qkv': (o.layers, d + 2 * kv, d),
            'output': (o.layers, d, d),
            'gate_up': (o.layers, 2 * o.ffn, d),
            'down': (o.layers, d, o.ffn),
            'embedding': (vocabulary, d),
            'norm': (d,),
        }
        size = sum(int(np.prod(shape)) for shape in self.shapes.values())
        self.weights, self.grad, self.averaged = torch.zeros(size), torch.zeros(size), torch.zeros(size)
        self.w, self.g = self.parts(self.weights), self.parts(self.grad)
        self.w['norm'].fill_(1)
        self.w['embedding'].normal_(std=0.02)
        for name in ('qkv', 'gate_up'):
            self.w[name].uniform_(-(d**-0.5), d**-0.5)
        self.averaged.copy_(self.weights)
        self.pass_ = Pass(self)

    def parts(self, vector):
        out, at = {}, 0
        for name, shape in self.shapes.items():
            size = int(np.prod(shape))
            out[name] = vector[at : at + size].view(shape)
            at += size
        return out

    def slices(self, vector):
        """The stacked matrices by their names in a GGUF file, each layers x out x in."""
        p, d, kv, f = self.parts(vector), self.o.width, 32 * self.o.kv_heads, self.o.ffn
        q, k, v = p['qkv'].split([d, kv, kv], 1)
        gate, up = p['gate_up'].split([f, f], 1)
        return {'attn_q': q, 'attn_k': k, 'attn_v': v, 'attn_output': p['output'], 'ffn_gate': gate, 'ffn_up': up, 'ffn_down': p['down']}

    def named(self, vector):
        """Tensors as a GGUF file has them."""
        out = {'token_embd.weight': self.parts(vector)['embedding'].clone(), 'output_norm.weight': self.parts(vector)['norm'].clone()}
        for name, stacked in self.slices(vector).items():
            for layer, matrix in enumerate(stacked):
                out[f'blk.{layer}.{name}.weight'] = matrix.clone()
        for layer in range(self.o.layers):
            for name in ('attn_norm', 'ffn_norm'):
                out[f'blk.{layer}.{name}.weight'] = torch.ones(self.o.width)
        return out

    def load(self, vector, named):
        self.parts(vector)['embedding'].copy_(named['token_embd.weight'])
        self.parts(vector)['norm'].copy_(named['output_norm.weight'])
        for name, stacked in self.slices(vector).items():
            for layer, matrix in enumerate(stacked):
                matrix.copy_(named[f'blk.{layer}.{name}.weight'])
                if name not in ('attn_output', 'ffn_down'):
                    matrix.mul_(named[f'blk.{layer}.{"attn" if name.startswith("attn") else "ffn"}_norm.weight'])


class Pass:
    """One way forward and back through the model for a few conversations that lie one behind the other."""

    def __init__(self, model):
        o, self.model = model.o, model
        t, d, qkv = CONTEXT + 32, o.width, o.width + 64 * o.kv_heads
        self.layers = [
            dict(h1=zeros16(t, d), s1=torch.zeros(t), qkv=zeros16(t, qkv), o=zeros16(t, d), lse=torch.zeros(o.heads * t),
                 h2=zeros16(t, d), s2=torch.zeros(t), gu=zeros16(t, 2 * o.ffn), a=zeros16(t, o.ffn))
            for _ in range(o.layers)
        ]
        self.work = dict(y=zeros16(t, d), dh=zeros16(t, d), dqkv=zeros16(t, qkv), dgu=zeros16(t, 2 * o.ffn), da=zeros16(t, o.ffn),
                         h=zeros16(t, d), s=torch.zeros(t), logits=zeros16(t, model.vocabulary))
        self.packed = {}

    def pack(self):
        """The weights as the right operands of products, forth and back; once per step."""
        rounded = self.model.parts(self.model.weights.bfloat16())
        for name in ('qkv', 'output', 'gate_up', 'down', 'embedding'):
            stacked = rounded[name] if rounded[name].ndim == 3 else rounded[name][None]
            for layer, matrix in enumerate(stacked):
                forth, back = zeros16(matrix.numel()), zeros16(matrix.numel())
                run('pack_transposed', matrix, forth, *matrix.shape)
                run('pack', matrix, back, *matrix.shape)
                self.packed[name, layer] = (forth, back, *matrix.shape)

    def forth(self, x, name, layer, out):
        packed, _, n, k = self.packed[name, layer]
        run('product', x, packed, out, len(x), n, k)

    def back(self, dy, name, layer, x, out):
        """The gradient of the matrix, from what went in, and that of what went in."""
        _, packed, n, k = self.packed[name, layer]
        grad = self.model.g[name]
        run('outer', dy, x, grad[layer] if grad.ndim == 3 else grad, len(dy), n, k)
        run('product', dy, packed, out, len(dy), k, n)

    def __call__(self, batch, weight=None):
        """The sum of the losses and the number of right tokens; if there is a weight, gradients times it are added up."""
        o, d = self.model.o, self.model.o.width
        end = len(batch.tokens)
        t = -(-end // 32) * 32
        tokens = torch.zeros(t, dtype=torch.int64)
        tokens[:end] = torch.from_numpy(batch.tokens)
        starts, count = torch.from_numpy(batch.starts), len(batch.starts) - 1
        layers = [{k: v[: t * o.heads] if k == 'lse' else v[:t] for k, v in b.items()} for b in self.layers]
        w = {k: v[:t] for k, v in self.work.items()}
        x, y = self.model.w['embedding'][tokens], None
        for i, b in enumerate(layers):
            run('add_norm', x, y, b['h1'], b['s1'], t, d)
            y = w['y']
            self.forth(b['h1'], 'qkv', i, b['qkv'])
            run('attention', b['qkv'], b['o'], b['lse'], starts, count, o.heads, o.kv_heads, t)
            b['o'][end:] = 0
            self.forth(b['o'], 'output', i, y)
            run('add_norm', x, y, b['h2'], b['s2'], t, d)
            self.forth(b['h2'], 'gate_up', i, b['gu'])
            run('swiglu', b['gu'], b['a'], t, o.ffn)
            self.forth(b['a'], 'down', i, y)
        run('add_norm', x, y, w['h'], w['s'], t, d)

        # Logits at the chosen places only: most of a conversation is not the model's to say.
        chosen, wanted = torch.from_numpy(batch.chosen), torch.from_numpy(batch.wanted)
        n, rows = len(chosen), -(-len(chosen) // 32) * 32
        before, norm = zeros16(rows, d), self.model.w['norm']
        before[:n] = w['h'][chosen]
        hidden, logits = (before.float() * norm).bfloat16(), w['logits'][:rows]
        self.forth(hidden, 'embedding', 0, logits)
        right = 0 if weight else (logits[:n].argmax(-1) == wanted).sum().item()
        loss = run('cross_entropy', logits, wanted, n, self.model.vocabulary, float(weight or 0))
        if not weight:
            return loss, right
        logits[n:] = 0
        d_hidden, dh, dy = zeros16(rows, d), w['dh'].zero_(), w['y']
        self.back(logits, 'embedding', 0, hidden, d_hidden)
        self.model.g['norm'].add_((d_hidden.float() * before.float()).sum(0))
        dh[chosen] = (d_hidden[:n].float() * norm).bfloat16()

        dx = torch.zeros(t, d)
        run('add_norm_back', dx, dh, w['h'], w['s'], dy, t, d)
        for i, b in reversed(list(enumerate(layers))):
            self.back(dy, 'down', i, b['a'], w['da'])
            run('swiglu_back', b['gu'], w['da'], w['dgu'], t, o.ffn)
            self.back(w['dgu'], 'gate_up', i, b['h2'], dh)
            run('add_norm_back', dx, dh, b['h2'], b['s2'], dy, t, d)
            self.back(dy, 'output', i, b['o'], dh)
            run('attention_back', b['qkv'], b['o'], b['lse'], dh, w['dqkv'], starts, count, o.heads, o.kv_heads, t)
            w['dqkv'][end:] = 0
            self.back(w['dqkv'], 'qkv', i, b['h1'], dh)
            run('add_norm_back', dx, dh, b['h1'], b['s1'], dy, t, d)
        self.model.g['embedding'].index_add_(0, tokens, dx)
        return loss, right


class Muon:
    """Momentum whose update is made orthogonal: learns the matrices of a small model about twice as fast as Adam."""

    def __init__(self, model, momentum=0.95, decay=0.01):
        self.model, self.momentum, self.decay = model, momentum, decay
        self.velocity = torch.zeros_like(model.grad)

    def step(self, lr):
        self.velocity.mul_(self.momentum).add_(self.model.grad)
        wanted = self.model.slices(self.model.grad.add(self.velocity, alpha=self.momentum))
        weights, groups = self.model.slices(self.model.weights), {}
        for name, update in wanted.items():
            rows, columns = update.shape[1:]
            tall = rows > columns
            lying = update.transpose(1, 2) if tall else update
            groups.setdefault(lying.shape[1:], []).append((name, tall, lying))
        for members in groups.values():
            made = self.orthogonal(torch.cat([lying for _, _, lying in members])).split(self.model.o.layers)
            for (name, tall, _), update in zip(members, made):
                p = weights[name]
                scale = max(1, p.shape[1] / p.shape[2]) ** 0.5
                p.mul_(1 - lr * self.decay).add_(update.transpose(1, 2) if tall else update, alpha=-lr * scale)

    @staticmethod
    def orthogonal(x):
        x = (x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)).bfloat16()
        for _ in range(5):
            a = x @ x.transpose(1, 2)
            x = torch.baddbmm(x, torch.baddbmm(a, a, a, beta=-4.775, alpha=2.0315), x, beta=3.4445)
        return x.float()


class Batch:
    """A few conversations one behind the other: tokens, where each begins, the places before learnt tokens, and those tokens."""

    def __init__(self, course, indices):
        spans = [slice(course.offsets[i], course.offsets[i + 1]) for i in indices]
        lengths = [span.stop - span.start for span in spans]
        self.tokens = np.concatenate([course.tokens[span] for span in spans]).astype(np.int64)
        learnt = np.concatenate([course.learnt[span] for span in spans])
        self.starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        places = np.flatnonzero(learnt)
        self.chosen, self.wanted = places - 1, self.tokens[places]


class Course:
    """One kind of data; the last conversations are kept for validation."""

    def __init__(self, folder, name, rng):
        self.name, self.rng = name, rng
        self.tokens = np.fromfile(f'{folder}/{name}.tokens', np.uint16)
        self.learnt = np.fromfile(f'{folder}/{name}.learnt', np.uint8)
        self.offsets = np.fromfile(f'{folder}/{name}.offsets', np.uint32).astype(np.int64)
        self.lengths = np.diff(self.offsets)
        self.kept = min(60, len(self.lengths) // 20)

    def packed(self, order):
        """Conversations in this order, as many together as fit."""
        current, size = [], 0
        for index in order:
            if current and size + self.lengths[index] > MICRO_TOKENS:
                yield Batch(self, current)
                current, size = [], 0
            current.append(index)
            size += self.lengths[index]
        yield Batch(self, current)

    def batches(self):
        while True:
            yield from self.packed(self.rng.permutation(len(self.lengths) - self.kept))

    def validation(self):
        return self.packed(range(len(self.lengths) - self.kept, len(self.lengths)))


def validate(model, course):
    total = count = right = 0
    for batch in course.validation():
        loss, hits = model.pass_(batch)
        total, count, right = total + loss, count + len(batch.wanted), right + hits
    return total / count, right / count


def main():
    o = options()
    torch.set_num_threads(1)
    torch.manual_seed(o.seed)
    rng = np.random.default_rng(o.seed + int(time.time()))
    vocabulary = len(json.load(open(f'{HERE}/vocabulary.json'))['tokens'])
    model = Model(o, vocabulary)
    muon = Muon(model)
    others = [torch.nn.Parameter(model.w[name]) for name in ('embedding', 'norm')]
    for parameter, name in zip(others, ('embedding', 'norm')):
        parameter.grad = model.g[name]
    adam = torch.optim.AdamW(others, lr=o.adam_lr, betas=(0.9, 0.95), weight_decay=0.0)
    shape = {k: getattr(o, k) for k in ('width', 'layers', 'heads', 'kv_heads', 'ffn')}
    state = {'step': 0, 'tokens': 0, 'cpu_seconds': 0.0}
    warm = 0  # the step at which the optimizers were fresh
    path = f'{o.out}/checkpoint.pt'
    os.makedirs(o.out, exist_ok=True)
    if os.path.exists(path):
        saved = torch.load(path)
        assert saved['shape'] == shape, f"checkpoint has another shape: {saved['shape']}"
        model.load(model.weights, saved['model'])
        model.load(model.averaged, saved['averaged'])
        if 'adam' in saved:
            adam.load_state_dict(saved['adam'])
            muon.velocity.copy_(saved['muon'])
        state = saved['state']
        warm = state['step'] - (WARM_STEPS if 'adam' in saved else 0)
    shares = [part.split(':') for part in o.mix.split(',')]
    courses = [Course(o.data, name, rng) for name, _ in shares]
    feeds = [course.batches() for course in courses]
    odds = np.array([float(share) for _, share in shares])
    odds /= odds.sum()
    print('parameters', len(model.weights), 'vocabulary', vocabulary, flush=True)

    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))  # saves, then ends
    now = time.process_time
    began, spent, budget = now(), state['cpu_seconds'], o.minutes * 60
    saved_at, losses, seen = now(), {}, 0

    def save():
        state['cpu_seconds'] = spent + now() - began
        whole = {'shape': shape, 'model': model.named(model.weights), 'averaged': model.named(model.averaged),
                 'adam': adam.state_dict(), 'muon': muon.velocity, 'state': state}
        torch.save(whole, path + '.new')
        os.replace(path + '.new', path)

    def report():
        kept = model.weights.clone()
        model.weights.copy_(model.averaged)
        model.pass_.pack()
        held = {course.name: 'loss %.4f acc %.4f' % validate(model, course) for course in courses}
        model.weights.copy_(kept)
        print('   averaged weights:', held, flush=True)

    while True:
        done = (now() - began) / budget
        if done >= 1 or stop:
            break
        scale = (o.lr_from + (o.lr_to - o.lr_from) * done) * min(1, (state['step'] - warm + 1) / WARM_STEPS)
        batches, size = [], 0
        while size < o.batch_tokens:
            which = rng.choice(len(courses), p=odds)
            batch = next(feeds[which])
            batches.append((courses[which].name, batch))
            size += len(batch.tokens)
        learnt = sum(len(batch.wanted) for _, batch in batches)
        model.grad.zero_()
        model.pass_.pack()
        for name, batch in batches:
            loss = model.pass_(batch, 1 / learnt)[0] / len(batch.wanted)
            losses[name] = 0.99 * losses.get(name, loss) + 0.01 * loss
        torch.nn.utils.clip_grad_norm_(others, 1.0)
        muon.step(o.muon_lr * scale)
        for group in adam.param_groups:
            group['lr'] = o.adam_lr * scale
        adam.step()
        state['step'] += 1
        state['tokens'] += size
        seen += size
        keep = min(EMA, (state['step'] + 1) / (state['step'] + 10))
        model.averaged.lerp_(model.weights, 1 - keep)
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

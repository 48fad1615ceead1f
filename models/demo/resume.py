#!/usr/bin/python3
"""Makes a checkpoint out of a GGUF of ours, so that training can go on from the shipped model.  resume.py MODEL.gguf CHECKPOINT

The optimizers start afresh, which costs a few minutes; the rounding to 16 bits costs nothing that can be measured.
"""
import struct
import sys
from argparse import Namespace

import numpy as np
import torch

from export import SHARPEN
from train import Model

# GGUF's value types; 8 is a string and 9 a list.
SCALARS = {0: 'B', 1: 'b', 2: 'H', 3: 'h', 4: 'I', 5: 'i', 6: 'f', 7: '?', 10: 'Q', 11: 'q', 12: 'd'}
TENSORS = {0: np.float32, 1: np.float16}
ALIGNMENT = 32


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def scalar(self, kind):
        (value,) = struct.unpack_from('<' + kind, self.data, self.at)
        self.at += struct.calcsize('<' + kind)
        return value

    def text(self):
        length = self.scalar('Q')
        self.at += length
        return bytes(self.data[self.at - length : self.at]).decode()

    def value(self, kind):
        if kind == 8:
            return self.text()
        if kind == 9:
            inner, count = self.scalar('I'), self.scalar('Q')
            return [self.value(inner) for _ in range(count)]
        return self.scalar(SCALARS[kind])


def read_gguf(path):
    data = memoryview(open(path, 'rb').read())
    reader = Reader(data)
    assert bytes(data[:4]) == b'GGUF', f'{path} is not a GGUF file.'
    reader.at = 8
    tensor_count, pair_count = reader.scalar('Q'), reader.scalar('Q')
    facts = {}
    for _ in range(pair_count):
        name = reader.text()
        facts[name] = reader.value(reader.scalar('I'))
    places = []
    for _ in range(tensor_count):
        name = reader.text()
        dimensions = [reader.scalar('Q') for _ in range(reader.scalar('I'))]
        places.append((name, dimensions[::-1], TENSORS[reader.scalar('I')], reader.scalar('Q')))
    start = -(-reader.at // ALIGNMENT) * ALIGNMENT
    read = lambda shape, kind, at: np.frombuffer(data, kind, int(np.prod(shape)), start + at).reshape(shape)
    return facts, {name: torch.from_numpy(read(shape, kind, at).astype(np.float32)) for name, shape, kind, at in places}


def trained_heads(facts, tensors):
    """The tensors with their heads as they were trained: undoes paddedHeads of gguf.ts, and changes nothing where it did nothing."""
    width = facts['llama.embedding_length']
    head = width // facts['llama.attention.head_count']
    wide = facts.get('llama.attention.key_length', head)
    stretch = wide // head
    pairs = lambda value: value.view(-1, head // 2, stretch, 2, width)[:, :, 0].reshape(-1, width)
    parts = {
        'attn_q': lambda value: pairs(value) / stretch**0.5,
        'attn_k': pairs,
        'attn_v': lambda value: value.view(-1, wide, width)[:, :head].reshape(-1, width),
        'attn_output': lambda value: value.view(width, -1, wide)[:, :, :head].reshape(width, -1),
    }
    whole = lambda value: value
    return {name: parts.get(name.split('.')[-2], whole)(value) for name, value in tensors.items()}


def main():
    source, target = sys.argv[1:3]
    facts, tensors = read_gguf(source)
    tensors = trained_heads(facts, tensors)
    shape = {
        'width': facts['llama.embedding_length'],
        'layers': facts['llama.block_count'],
        'heads': facts['llama.attention.head_count'],
        'kv_heads': facts['llama.attention.head_count_kv'],
        'ffn': facts['llama.feed_forward_length'],
    }
    tensors['output_norm.weight'] /= SHARPEN
    model = Model(Namespace(**shape), len(facts['tokenizer.ggml.tokens']))
    model.load(model.weights, tensors)
    named = model.named(model.weights)
    whole = {'shape': shape, 'model': named, 'averaged': named, 'state': {'step': 0, 'tokens': 0, 'cpu_seconds': 0.0}}
    torch.save(whole, target)
    print(shape, f'{len(model.weights) / 1e6:.2f} M parameters')


if __name__ == '__main__':
    main()

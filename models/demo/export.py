#!/usr/bin/python3
"""Turns a checkpoint (its averaged weights) into index.json and weights.bin for gguf.ts.  export.py CHECKPOINT OUT_DIR"""
import json
import os
import sys

import torch

from train import CONTEXT, ROPE_BASE

# The logits are doubled, by way of the last norm's weights, which llama.cpp multiplies them with: whoever asks for temperature 1
# (in thinking mode the contract leaves no other) samples what the weights would say at 0.5. Greedy answers stay as they are.
SHARPEN = 2.0


def main():
    checkpoint, folder = sys.argv[1:3]
    saved = torch.load(checkpoint)
    os.makedirs(folder, exist_ok=True)
    tensors, position = [], 0
    with open(f'{folder}/weights.bin', 'wb') as out:
        for name, value in saved['averaged'].items():
            array = value.float().numpy() * (SHARPEN if name == 'output_norm.weight' else 1)
            out.write(array.tobytes())
            tensors.append({'name': name, 'shape': list(array.shape), 'offset': position})
            position += array.nbytes
    index = {**saved['shape'], 'context': CONTEXT, 'rope_base': ROPE_BASE, 'tensors': tensors}
    with open(f'{folder}/index.json', 'w') as out:
        json.dump(index, out)
    print(saved['state'], f'{position / 4 / 1e6:.2f} M parameters')


if __name__ == '__main__':
    main()

#!/usr/bin/python3
"""Averages two checkpoints that went on from the same one with different data.  average.py A B OUT

Each of two cores trains by itself, and the mean of what they come to is better than either. Optimizers are averaged, too, so that OUT can be
gone on with; what both spent is added up.
"""
import sys

import torch


def mean(a, b):
    if isinstance(a, torch.Tensor):
        return (a + b) / 2 if a.is_floating_point() else a
    if isinstance(a, dict):
        return {key: mean(a[key], b[key]) for key in a}
    if isinstance(a, list):
        return [mean(x, y) for x, y in zip(a, b)]
    return a


def main():
    a, b = (torch.load(path) for path in sys.argv[1:3])
    assert a['shape'] == b['shape'], f"other shapes: {a['shape']} and {b['shape']}"
    merged = {**a, **{name: mean(a[name], b[name]) for name in ('model', 'averaged', 'muon', 'adam')}}
    merged['state'] = {name: a['state'][name] + b['state'][name] for name in a['state']}
    torch.save(merged, sys.argv[3])


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
"""Turns what `lince bench conv --json` prints into the lines that onednn.cpp reads."""
import json, sys

for figure in json.load(sys.stdin):
    direction, shape = figure['name'].split(' ', 1)
    if not figure['count']:
        continue  # a total
    images, filters, *settings = shape.split(':')
    extra = {'stride': '1', 'pad': '0', 'dilation': '1', 'groups': '1'}
    extra.update(s.split('=') for s in ','.join(settings).split(',') if s)
    if extra['dilation'] != '1':
        sys.exit(f'{shape}: dilation is not measured')
    pairs = [v for key in ('stride', 'pad') for v in (extra[key].split('x') * 2)[:2]]
    print(figure['count'], direction, *images.split('x'), *filters.split('x'), *pairs, extra['groups'])

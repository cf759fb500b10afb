"""Prompts as the package's trainer draws them: the same numbers of the same generator."""

import numpy

ALL = (1 << 64) - 1


class SplitMix64:
    """Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014."""

    def __init__(self, seed):
        self.state = seed & ALL

    @staticmethod
    def of(seed, *path):
        """A stream of its own for a list of numbers."""
        result = SplitMix64(seed)
        for number in path:
            first = SplitMix64(result.state).next()
            result = SplitMix64(SplitMix64(first ^ (number * 0xD1B54A32D192ED03 & ALL)).next())
        return result

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & ALL
        z = self.state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & ALL
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB & ALL
        return z ^ (z >> 31)

    def index(self, below):
        return ((self.next() >> 32) * below) >> 32

    def unit(self):
        return (self.next() >> 11) * 2.0**-53

    def normal(self):
        return -6.0 + sum(self.unit() for _ in range(12))


class Session:
    """The prompts of one image's masks, round after round."""

    def __init__(self, frame, masks, targets, size, settings, random):
        """Masks: for each its pixels y * size + x; targets: masks x size/4 x size/4 of booleans."""
        self.width, self.height = frame
        self.masks, self.targets, self.size, self.random = masks, targets, size, random
        self.random.index(1)  # how many rounds there are, which is settled
        self.points, self.boxes = [], []
        for pixels in masks:
            box = self.random.unit() < settings["boxProbability"]
            self.boxes.append(box)
            if box:
                self.points.append(self.noisy_box(pixels, settings))
            else:
                pixel = int(pixels[self.random.index(len(pixels))])
                self.points.append([(pixel % size, pixel // size, 2), (-0.5, -0.5, 0)])

    def noisy_box(self, pixels, settings):
        rows, columns = numpy.divmod(pixels, self.size)
        edges = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        sides = [edges[2] - edges[0], edges[3] - edges[1]]
        limit = settings["boxNoiseLimit"]
        left, top, right, bottom = (
            min(max(edge + min(max(self.random.normal() * settings["boxNoise"] * side, -limit), limit), 0), most)
            for edge, side, most in zip(edges, sides * 2, (self.width, self.height) * 2))
        return [(min(left, right), min(top, bottom), 3), (max(left, right), max(top, bottom), 4)]

    def correct(self, logits):
        """Adds a point to each mask where its logits, masks x size/4 x size/4, are wrong."""
        columns, lines = (self.width + 3) // 4, (self.height + 3) // 4
        for index, target in enumerate(self.targets):
            wrong = numpy.flatnonzero(((logits[index] > 0) != target)[:lines, :columns])
            if len(wrong):
                row, column = divmod(int(wrong[self.random.index(len(wrong))]), columns)
                x = min(column * 4 + self.random.index(4), self.width - 1)
                y = min(row * 4 + self.random.index(4), self.height - 1)
                kind = 2 if target[row, column] else 1
            else:
                pixel = int(self.masks[index][self.random.index(len(self.masks[index]))])
                x, y, kind = pixel % self.size, pixel // self.size, 2
            points = self.points[index]
            points.insert(len(points) if self.boxes[index] else len(points) - 1, (x, y, kind))

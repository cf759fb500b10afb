"""Segment Anything in PyTorch, as it is usually written, with the official names of parameters: the small vision transformer and the
hybrid encoder, the prompt encoder, the mask decoder."""

import math

import torch
import torch.nn.functional as F
from torch import nn


class LayerNorm2d(nn.LayerNorm):
    """Over channels, which in channels_last memory lie together."""

    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class MLP(nn.Module):
    def __init__(self, width, hidden, activation):
        super().__init__()
        self.lin1, self.lin2, self.activation = nn.Linear(width, hidden), nn.Linear(hidden, width), activation

    def forward(self, x):
        return self.lin2(self.activation(self.lin1(x)))


class Heads(nn.Module):
    """Linear layers with ReLU between them."""

    def __init__(self, width, hidden, outputs, depth=3):
        super().__init__()
        sizes = [width] + [hidden] * (depth - 1) + [outputs]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = F.relu(layer(x))
        return self.layers[-1](x)


class ViTAttention(nn.Module):
    """Attention on a grid with decomposed relative positions."""

    def __init__(self, width, heads, grid):
        super().__init__()
        self.heads = heads
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.rel_pos_h = nn.Parameter(torch.zeros(2 * grid - 1, width // heads))
        self.rel_pos_w = nn.Parameter(torch.zeros(2 * grid - 1, width // heads))
        steps = torch.arange(grid)
        self.register_buffer("steps", steps[:, None] - steps[None, :] + grid - 1, persistent=False)

    def forward(self, x):
        batch, height, columns, width = x.shape
        q, k, v = self.qkv(x).reshape(batch, height * columns, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        grid = q.reshape(batch, self.heads, height, columns, -1)
        rows = torch.einsum("bnhwc,hkc->bnhwk", grid, self.rel_pos_h[self.steps])
        lines = torch.einsum("bnhwc,wkc->bnhwk", grid, self.rel_pos_w[self.steps])
        bias = (rows[..., :, None] + lines[..., None, :]).reshape(
            batch, self.heads, height * columns, height * columns)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        return self.proj(y.transpose(1, 2).reshape(batch, height, columns, width))


class ViTBlock(nn.Module):
    def __init__(self, width, heads, hidden, grid, window):
        super().__init__()
        self.window = window
        self.norm1, self.norm2 = nn.LayerNorm(width, 1e-6), nn.LayerNorm(width, 1e-6)
        self.attn = ViTAttention(width, heads, window or grid)
        self.mlp = MLP(width, hidden, F.gelu)

    def forward(self, x):
        y = self.norm1(x)
        if self.window:
            batch, height, columns, width = y.shape
            rows, lines = -(-height // self.window), -(-columns // self.window)
            y = F.pad(y, (0, 0, 0, lines * self.window - columns, 0, rows * self.window - height))
            y = y.reshape(batch, rows, self.window, lines, self.window, width).transpose(2, 3)
            y = self.attn(y.reshape(-1, self.window, self.window, width))
            y = y.reshape(batch, rows, lines, self.window, self.window, width).transpose(2, 3)
            y = y.reshape(batch, rows * self.window, lines * self.window, width)[:, :height, :columns]
        else:
            y = self.attn(y)
        x = x + y
        return x + self.mlp(self.norm2(x))


class PatchEmbed(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.proj = nn.Conv2d(3, width, 16, 16)

    def forward(self, x):
        return self.proj(x).permute(0, 2, 3, 1)


class ViT(nn.Module):
    def __init__(self, size, outputs, width=96, depth=4, heads=3, window=7, everywhere=(1, 3)):
        super().__init__()
        grid = size // 16
        self.patch_embed = PatchEmbed(width)
        self.pos_embed = nn.Parameter(torch.zeros(1, grid, grid, width))
        self.blocks = nn.ModuleList(
            ViTBlock(width, heads, 4 * width, grid, 0 if i in everywhere else window) for i in range(depth))
        self.neck = nn.Sequential(
            nn.Conv2d(width, outputs, 1, bias=False), LayerNorm2d(outputs, 1e-6),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False), LayerNorm2d(outputs, 1e-6))

    def forward(self, x):
        x = self.patch_embed(x) + self.pos_embed
        for block in self.blocks:
            x = block(x)
        return self.neck(x.permute(0, 3, 1, 2)), None, None


class Normed(nn.Module):
    """A convolution and its batch norm."""

    def __init__(self, inputs, outputs, kernel, stride=1, groups=1):
        super().__init__()
        self.c = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return self.bn(self.c(x))


class Plain(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1, self.conv2 = Normed(width, width, 3), Normed(width, width, 3)

    def forward(self, x):
        return x + self.conv2(F.gelu(self.conv1(x)))


class Inverted(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.expand, self.project = Normed(width, 3 * width, 1), Normed(3 * width, width, 1)
        self.depthwise = Normed(3 * width, 3 * width, 3, groups=3 * width)

    def forward(self, x):
        return x + self.project(F.gelu(self.depthwise(F.gelu(self.expand(x)))))


class FusedAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        q, k, v = self.qkv(x).reshape(batch, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        return self.proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(x.shape))


class Attentive(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.position = nn.Conv2d(width, width, 3, padding=1, groups=width)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn, self.mlp = FusedAttention(width, heads), MLP(width, 3 * width, F.gelu)

    def forward(self, x):
        x = x + self.position(x)
        batch, width, height, columns = x.shape
        y = x.permute(0, 2, 3, 1).reshape(batch, height * columns, width)
        y = y + self.attn(self.norm1(y))
        y = y + self.mlp(self.norm2(y))
        return y.reshape(batch, height, columns, width).permute(0, 3, 1, 2)


class Stage(nn.Module):
    def __init__(self, inputs, width, block, blocks, attention, heads):
        super().__init__()
        self.down = Normed(inputs, width, 3, 2)
        self.blocks = nn.ModuleList(block(width) for _ in range(blocks))
        self.attention = nn.ModuleList(Attentive(width, heads) for _ in range(attention))

    def forward(self, x):
        x = F.gelu(self.down(x))
        for block in (*self.blocks, *self.attention):
            x = block(x)
        return x


class Hybrid(nn.Module):
    def __init__(self, outputs):
        super().__init__()
        self.stem = Normed(3, 24, 3, 2)
        self.stage4 = Stage(24, 48, Plain, 2, 0, 1)
        self.stage8 = Stage(48, 96, Inverted, 3, 0, 1)
        self.stage16 = Stage(96, 160, Inverted, 3, 2, 5)
        self.stage32 = Stage(160, 256, Inverted, 0, 2, 8)
        self.lateral16, self.lateral32 = nn.Conv2d(160, outputs, 1), nn.Conv2d(256, outputs, 1)
        self.neck = nn.Sequential(
            LayerNorm2d(outputs, 1e-6), nn.Conv2d(outputs, outputs, 3, padding=1), LayerNorm2d(outputs, 1e-6))

    def forward(self, x):
        four = self.stage4(F.gelu(self.stem(x)))
        eight = self.stage8(four)
        sixteen = self.stage16(eight)
        coarse = F.interpolate(self.lateral32(self.stage32(sixteen)), scale_factor=2, mode="nearest")
        return self.neck(self.lateral16(sixteen) + coarse), four, eight


class Positions(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.register_buffer("positional_encoding_gaussian_matrix", torch.zeros(2, width // 2))

    def forward(self, x):
        """... x 2 in 0 to 1."""
        x = 2 * math.pi * ((2 * x - 1) @ self.positional_encoding_gaussian_matrix)
        return torch.cat([x.sin(), x.cos()], -1)

    def grid(self, size):
        centres = (torch.arange(size) + 0.5) / size
        rows, columns = torch.meshgrid(centres, centres, indexing="ij")
        return self(torch.stack([columns, rows], -1).reshape(size * size, 2))


class PromptEncoder(nn.Module):
    def __init__(self, size, width):
        super().__init__()
        self.size = size
        self.pe_layer = Positions(width)
        self.not_a_point_embed, self.no_mask_embed = nn.Embedding(1, width), nn.Embedding(1, width)
        self.point_embeddings = nn.ModuleList(nn.Embedding(1, width) for _ in range(4))
        self.mask_downscaling = nn.Sequential(
            nn.Conv2d(1, 4, 2, 2), LayerNorm2d(4, 1e-6), nn.GELU(), nn.Conv2d(4, 16, 2, 2),
            LayerNorm2d(16, 1e-6), nn.GELU(), nn.Conv2d(16, width, 1))

    def forward(self, points, kinds, masks):
        """Points: prompts x points x 2; kinds: 0 padding, 1 background, 2 foreground, 3 and 4 a box's corners; logits or None."""
        encoded = self.pe_layer((points + 0.5) / self.size) * (kinds != 0)[..., None]
        table = torch.cat([self.not_a_point_embed.weight, *(one.weight for one in self.point_embeddings)])
        dense = self.no_mask_embed.weight[:, :, None, None] if masks is None else self.mask_downscaling(
            masks[:, None])
        return encoded + table[kinds], dense


class Attention(nn.Module):
    def __init__(self, width, heads, inner):
        super().__init__()
        self.heads = heads
        self.q_proj, self.k_proj, self.v_proj = (nn.Linear(width, inner) for _ in range(3))
        self.out_proj = nn.Linear(inner, width)

    def forward(self, q, k, v):
        q, k, v = (
            layer(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for layer, x in ((self.q_proj, q), (self.k_proj, k), (self.v_proj, v)))
        return self.out_proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))


class TwoWayLayer(nn.Module):
    def __init__(self, width, heads, hidden, first):
        super().__init__()
        self.first = first
        self.self_attn = Attention(width, heads, width)
        self.cross_attn_token_to_image = Attention(width, heads, width // 2)
        self.cross_attn_image_to_token = Attention(width, heads, width // 2)
        self.norm1, self.norm2, self.norm3, self.norm4 = (nn.LayerNorm(width) for _ in range(4))
        self.mlp = MLP(width, hidden, F.relu)

    def forward(self, tokens, image, places, positions):
        if self.first:
            tokens = self.self_attn(tokens, tokens, tokens)
        else:
            placed = tokens + places
            tokens = tokens + self.self_attn(placed, placed, tokens)
        tokens = self.norm1(tokens)
        placed = image + positions
        tokens = self.norm2(tokens + self.cross_attn_token_to_image(tokens + places, placed, image))
        tokens = self.norm3(tokens + self.mlp(tokens))
        image = self.norm4(image + self.cross_attn_image_to_token(placed, tokens + places, tokens))
        return tokens, image


class TwoWayTransformer(nn.Module):
    def __init__(self, width, heads, hidden):
        super().__init__()
        self.layers = nn.ModuleList(TwoWayLayer(width, heads, hidden, index == 0) for index in range(2))
        self.final_attn_token_to_image = Attention(width, heads, width // 2)
        self.norm_final_attn = nn.LayerNorm(width)

    def forward(self, tokens, image, positions):
        places = tokens
        for layer in self.layers:
            tokens, image = layer(tokens, image, places, positions)
        attended = self.final_attn_token_to_image(tokens + places, image + positions, image)
        return self.norm_final_attn(tokens + attended), image


class MaskDecoder(nn.Module):
    def __init__(self, width, heads, hidden, finer):
        super().__init__()
        self.iou_token, self.mask_tokens = nn.Embedding(1, width), nn.Embedding(4, width)
        self.transformer = TwoWayTransformer(width, heads, hidden)
        self.output_upscaling = nn.Sequential(
            nn.ConvTranspose2d(width, width // 4, 2, 2), LayerNorm2d(width // 4, 1e-6), nn.GELU(),
            nn.ConvTranspose2d(width // 4, width // 8, 2, 2), nn.GELU())
        self.output_hypernetworks_mlps = nn.ModuleList(Heads(width, width, width // 8) for _ in range(4))
        self.iou_prediction_head = Heads(width, width, 4)
        if finer:
            self.conv_s0, self.conv_s1 = nn.Conv2d(48, width // 8, 1), nn.Conv2d(96, width // 4, 1)

    def forward(self, image, positions, finer, sparse, dense, masks):
        """Prompts of one image or of many; `masks` first of the four masks."""
        count, side = sparse.shape[0], image.shape[-1]
        tokens = torch.cat([self.iou_token.weight, self.mask_tokens.weight])
        tokens = torch.cat([tokens.expand(count, -1, -1), sparse], 1)
        source = (image + dense).expand(count, -1, -1, -1).permute(0, 2, 3, 1).flatten(1, 2)
        tokens, source = self.transformer(tokens, source, positions)
        grid = source.unflatten(1, (side, side)).permute(0, 3, 1, 2)
        deconv1, norm, gelu, deconv2, _ = self.output_upscaling
        if finer is None:
            upscaled = self.output_upscaling(grid)
        else:
            upscaled = gelu(deconv2(gelu(norm(deconv1(grid) + finer[1]))) + finer[0])
        rows = torch.stack(
            [self.output_hypernetworks_mlps[index](tokens[:, 1 + index]) for index in range(masks)], 1)
        logits = torch.einsum("bmc,bchw->bmhw", rows, upscaled)
        return logits, self.iou_prediction_head(tokens[:, 0])[:, :masks]


class SAM(nn.Module):
    def __init__(self, model, size):
        super().__init__()
        width, heads, hidden = (64, 4, 128) if model == "vit" else (128, 8, 512)
        self.image_encoder = ViT(size, width) if model == "vit" else Hybrid(width)
        self.prompt_encoder = PromptEncoder(size, width)
        self.mask_decoder = MaskDecoder(width, heads, hidden, model != "vit")

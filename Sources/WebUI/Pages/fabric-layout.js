// Where the nodes of a topology stand: in tiers, as fabrics are drawn. Pure: names and links in, places out.

import {natural} from './table.js';

/**
 * Tiers from the top down, each a list of node names from left to right. The nodes with the fewest links are the edge of the
 * fabric and stand at the bottom; every other node stands one tier above its lowest neighbour (breadth first). Within a
 * tier nodes stand near the middle of their neighbours below (the barycentre method of Sugiyama, Tagawa and Toda, 1981).
 */
export function tiers(nodes, links) {
  const neighbours = new Map(nodes.map(node => [node, new Set()]));
  for (const {node1, node2} of links) {
    if (node1 === node2) continue;
    neighbours.get(node1)?.add(node2);
    neighbours.get(node2)?.add(node1);
  }
  const rank = new Map();
  const sorted = [...nodes].sort(natural.compare);
  for (const component of components(sorted, neighbours)) {
    const fewest = Math.min(...component.map(node => neighbours.get(node).size));
    let wave = component.filter(node => neighbours.get(node).size === fewest);
    for (let level = 0; wave.length > 0; level += 1) {
      for (const node of wave) rank.set(node, level);
      wave = [...new Set(wave.flatMap(node => [...neighbours.get(node)]))].filter(node => !rank.has(node));
    }
  }
  const rows = [];
  for (const node of sorted) (rows[rank.get(node)] ??= []).push(node);
  const position = new Map();
  rows.forEach((row, level) => {
    if (level > 0) {
      const middle = node => {
        const below = [...neighbours.get(node)].filter(other => rank.get(other) === level - 1).map(other => position.get(other));
        return below.length ? below.reduce((sum, value) => sum + value, 0) / below.length : 0.5;
      };
      const middles = new Map(row.map(node => [node, middle(node)]));
      // Equal middles, as in a full mesh, leave the order of names.
      row.sort((a, b) => Math.abs(middles.get(a) - middles.get(b)) > 1e-9 ? middles.get(a) - middles.get(b) : natural.compare(a, b));
    }
    row.forEach((node, index) => position.set(node, (index + 0.5) / row.length));
  });
  return rows.reverse();
}

function components(nodes, neighbours) {
  const seen = new Set(), found = [];
  for (const start of nodes) {
    if (seen.has(start)) continue;
    const component = [start];
    seen.add(start);
    for (let index = 0; index < component.length; index += 1) {
      for (const other of neighbours.get(component[index])) {
        if (seen.has(other)) continue;
        seen.add(other);
        component.push(other);
      }
    }
    found.push(component);
  }
  return found;
}

const boxHeight = 30, boxGap = 14, tierGap = 130, boxWidthMin = 76, boxWidthMax = 170, characterWidth = 7.2;

/** Boxes by node `{x, y, width, height}` (centres) and the whole drawing's size, for a drawing about `width` wide. */
export function place(rows, width) {
  const longest = Math.max(...rows.flat().map(node => node.length), 4);
  const boxWidth = Math.min(boxWidthMax, Math.max(boxWidthMin, longest * characterWidth + 16));
  const perLine = Math.max(2, Math.floor((width - boxGap) / (boxWidth + boxGap)));
  const boxes = new Map();
  let y = boxHeight;
  let widest = 0;
  for (const row of rows) {
    // A tier that is too wide is broken into staggered lines.
    const lines = Math.ceil(row.length / perLine);
    row.forEach((node, index) => {
      const step = Math.max((boxWidth + boxGap) / lines, Math.min(2.2 * boxWidth, width / row.length));
      const x = (index - (row.length - 1) / 2) * step;
      widest = Math.max(widest, Math.abs(x) + boxWidth / 2 + boxGap);
      boxes.set(node, {x, y: y + (index % lines) * (boxHeight + boxGap), width: boxWidth, height: boxHeight});
    });
    y += (lines - 1) * (boxHeight + boxGap) + tierGap;
  }
  const full = Math.max(2 * widest, Math.min(width, 320));
  for (const box of boxes.values()) box.x += full / 2;
  return {boxes, width: full, height: y - tierGap + boxHeight};
}

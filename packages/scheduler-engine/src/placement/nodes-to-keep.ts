interface Shrinking {
  readonly nodes: readonly number[];
  readonly nodeCount: number;
  /** Does what it shrinks for save anything there? */
  readonly isAsked: (node: number) => boolean;
}

/** It gives nodes below what asks for them first: those elsewhere give it no watts. Of its like it gives the last. */
export function nodesToKeep({ nodes, nodeCount, isAsked }: Shrinking): readonly number[] {
  const given = nodes
    .toReversed()
    .toSorted((a, b) => Number(isAsked(b)) - Number(isAsked(a)))
    .slice(0, nodes.length - nodeCount);
  return nodes.filter((node) => !given.includes(node));
}

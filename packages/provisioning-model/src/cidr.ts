import { Address4 } from "ip-address";
import type { TextResult } from "@ertis/site-model/reader";
import { quoted } from "./texts.ts";

/** An IPv4 network; addresses are whole numbers below 2^32. */
export interface Cidr {
  readonly first: number;
  readonly prefixLength: number;
}

/** `10.64.0.17`. */
export function addressText(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

export function cidrText({ first, prefixLength }: Cidr): string {
  return `${addressText(first)}/${prefixLength}`;
}

export function sizeOf({ prefixLength }: Cidr): number {
  return 2 ** (32 - prefixLength);
}

export function contains(outer: Cidr, inner: Cidr): boolean {
  return inner.first >= outer.first && inner.first + sizeOf(inner) <= outer.first + sizeOf(outer);
}

/** Two networks that share an address; one then contains the other. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.first < b.first + sizeOf(b) && b.first < a.first + sizeOf(a);
}

/** The `ordinal`th part of that size, counted from 0; undefined when the block has no such part. */
export function slice(block: Cidr, prefixLength: number, ordinal: number): Cidr | undefined {
  const part: Cidr = { first: block.first + ordinal * 2 ** (32 - prefixLength), prefixLength };
  return contains(block, part) ? part : undefined;
}

const privateBlocks: readonly Cidr[] = [
  { first: 0x0a000000, prefixLength: 8 },
  { first: 0xac100000, prefixLength: 12 },
  { first: 0xc0a80000, prefixLength: 16 },
];

const privateWords = "10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16";

function isPrivate(cidr: Cidr): boolean {
  return privateBlocks.some((block) => contains(block, cidr));
}

export function parseAddress(text: string): TextResult<number> {
  // `isValid` also takes a network.
  return !text.includes("/") && Address4.isValid(text)
    ? { value: Number(new Address4(text).bigInt()) }
    : { wrong: `${quoted(text)} is not an IPv4 address, for example 10.192.0.10` };
}

/** A private network whose address is its first: `10.64.0.5/16` is taken for a slip. */
export function parsePrivateCidr(text: string): TextResult<Cidr> {
  if (!text.includes("/") || !Address4.isValid(text)) {
    return { wrong: `${quoted(text)} is not an IPv4 network, for example 10.64.0.0/16` };
  }
  const address = new Address4(text);
  const first = Number(address.startAddress().bigInt());
  const cidr: Cidr = { first, prefixLength: address.subnetMask };
  if (Number(address.bigInt()) !== first) {
    return { wrong: `${quoted(text)} does not start its network: write ${cidrText(cidr)}` };
  }
  return isPrivate(cidr)
    ? { value: cidr }
    : { wrong: `${quoted(text)} is not private: take it from ${privateWords}` };
}

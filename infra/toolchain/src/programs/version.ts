export interface Version {
  readonly major: number;
  readonly minor: number;
  /** Undefined where the text has two numbers only, as `go1.26`. */
  readonly patch: number | undefined;
  /** Without a leading `v` or `go`, pre-release included: `1.36.3`, `3.260.0-alpha.1`. */
  readonly text: string;
}

/** The first version in what a program says of itself: `Kubernetes v1.36.3`, `etcd Version: 3.6.8`, `go1.26.8`. */
export function parseVersion(text: string): Version | undefined {
  const match = /(?<![\d.])(\d+)\.(\d+)(?:\.(\d+))?([-+][0-9A-Za-z.+-]+)?/.exec(text);
  if (match === null) {
    return undefined;
  }
  const [whole, major, minor, patch] = match;
  return {
    major: Number(major),
    minor: Number(minor),
    patch: patch === undefined ? undefined : Number(patch),
    text: whole,
  };
}

/** Accepted is the same major and minor as the one we build; a pre-release is something else. */
export function isAccepted(found: Version, wanted: Version): boolean {
  return (
    found.major === wanted.major &&
    found.minor === wanted.minor &&
    !/-(alpha|beta|rc)/.test(found.text)
  );
}

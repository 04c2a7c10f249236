/** An account, and where it stands among its siblings (`state/shares.ts`). */
export interface Standing {
  readonly id: string;
  readonly standing: number;
}

/** Digits behind the point with which two numbers are told apart, at most: of hours that is four milliseconds. */
const digitsMost = 6;

/** Why the jobs of one account go before those of another, with numbers that differ. */
export function standingSentence(us: Standing, them: Standing): string {
  if (us.standing === them.standing) {
    const same =
      us.standing < 0
        ? `hold the same part of their guarantees`
        : `have used the same for their weights`;
    return `accounts ${us.id} and ${them.id} ${same}, and ${us.id} was named first`;
  }
  if (us.standing < 0 && them.standing >= 0) {
    return `account ${us.id} ${standingText(us.standing)} and ${them.id} has no open one`;
  }
  const isGuarantee = us.standing < 0;
  const format = isGuarantee ? percent : hours;
  for (let digits = isGuarantee ? 1 : 2; digits <= digitsMost; digits += 1) {
    const [ours, theirs] = [format(us.standing, digits), format(them.standing, digits)];
    if (ours !== theirs) {
      return isGuarantee
        ? `account ${us.id} holds ${ours} of its guarantee, ${them.id} ${theirs} of its own`
        : `account ${us.id} has used ${ours} of everything for its weight, ${them.id} ${theirs}`;
    }
  }
  return `account ${us.id} ${standingText(us.standing)}, ${them.id} hardly more`;
}

/** `holds 40 % of its guarantee`, `has used 1.3 h of everything for its weight` */
export function standingText(standing: number): string {
  return standing < 0
    ? `holds ${percent(standing, 1)} of its guarantee`
    : `has used ${hours(standing, 2)} of everything for its weight`;
}

function percent(standing: number, digits: number): string {
  return `${Number(((standing + 1) * 100).toFixed(digits))} %`;
}

function hours(standing: number, digits: number): string {
  return `${Number((standing / 3_600_000).toFixed(digits))} h`;
}

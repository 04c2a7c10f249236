/** No plan is made for later than this. */
export const curtailmentHorizonMs: number = 31 * 86_400_000;

/** On its way here a call may take so long. */
export const lateMsMax = 10_000;

export const simulatorVersion = "0.1.0";

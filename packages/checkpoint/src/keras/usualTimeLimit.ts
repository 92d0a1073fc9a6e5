/** How many milliseconds a file of so many bytes may take to be read, where nobody says: ten seconds, and one for each ten megabytes. */
export const usualTimeLimit = (bytes: number): number => 10_000 + Math.ceil(bytes / 10_000)

const DAY = /^\d{4}-\d\d-\d\d$/

/** Whether the text is a day of the calendar, as in 2025-12-31; `Date` alone takes the 30th of February for a day of March. */
export function isDay(text: string): boolean {
  if (!DAY.test(text)) return false
  const moment = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text)
}

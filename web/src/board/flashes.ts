// Rows that others have just changed are tinted for a moment, five at once at most.
const lasts = 600 // ms
const most = 5

export class Flashes {
  readonly ids = new Set<string>()

  constructor(private readonly changed: () => void) {}

  add(ids: Iterable<string>): void {
    for (const id of ids) {
      if (!id.startsWith('tic_') || this.ids.size >= most) continue
      this.ids.add(id)
      setTimeout(() => {
        this.ids.delete(id)
        this.changed()
      }, lasts)
    }
  }
}

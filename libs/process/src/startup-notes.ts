/** Lines for whoever starts the process, printed once it is ready: never logged, so a made-up password may be among them. */
export class StartupNotes {
  private readonly notes: string[] = [];

  add(line: string): void {
    this.notes.push(line);
  }

  get lines(): readonly string[] {
    return this.notes;
  }
}

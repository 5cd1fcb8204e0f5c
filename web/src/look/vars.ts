// A directive that sets custom properties through the object model: a style attribute would be refused by a
// strict Content-Security-Policy.
import { Directive, directive, type ElementPart } from 'lit/directive.js'
import { nothing } from 'lit'

class Vars extends Directive {
  private last: Record<string, string> = {}

  render(_values: Record<string, string>): typeof nothing {
    return nothing
  }

  override update(part: ElementPart, [values]: [Record<string, string>]): typeof nothing {
    const style = (part.element as HTMLElement).style
    for (const [name, value] of Object.entries(values)) {
      if (this.last[name] !== value) style.setProperty(name, value)
    }
    this.last = values
    return nothing
  }
}

/** <div ${vars({'--y': '112px'})}> */
export const vars = directive(Vars)

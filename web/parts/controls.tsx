import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import type { Action } from '../state/action.ts'
import { ProblemNotice } from './notice.tsx'

interface FieldProps {
  readonly label: string
  readonly hint?: ComponentChildren
  readonly children: (id: string, hintId: string | undefined) => ComponentChildren
}

/** A labelled field; the hint is read with it. */
export function Field({ label, hint, children }: FieldProps) {
  const id = useId()
  const hintId = hint === undefined ? undefined : `${id}-hint`
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(id, hintId)}
      {hint !== undefined && (
        <span class="hint" id={hintId}>
          {hint}
        </span>
      )}
    </div>
  )
}

interface TextProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly hint?: ComponentChildren
  readonly type?: 'text' | 'number' | 'date' | 'datetime-local' | 'password'
  readonly placeholder?: string
  readonly isRequired?: boolean
  readonly min?: number | undefined
  readonly max?: number | undefined
}

export function TextField({ label, value, onChange, hint, type = 'text', isRequired = false, ...rest }: TextProps) {
  return (
    <Field label={label} hint={hint}>
      {(id, hintId) => (
        <input
          id={id}
          // The types of preact tell inputs apart by what they take; the ones named above take the same.
          type={type as 'text'}
          value={value}
          required={isRequired}
          aria-describedby={hintId}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => onChange(event.currentTarget.value)}
          {...rest}
        />
      )}
    </Field>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly value: string
  readonly choices: readonly (readonly [value: string, title: string])[]
  readonly onChange: (value: string) => void
  readonly hint?: ComponentChildren
}

export function ChoiceField({ label, value, choices, onChange, hint }: ChoiceProps) {
  return (
    <Field label={label} hint={hint}>
      {(id, hintId) => (
        <select
          id={id}
          value={value}
          aria-describedby={hintId}
          onChange={(event) => onChange(event.currentTarget.value)}
        >
          {choices.map(([own, title]) => (
            <option key={own} value={own} selected={own === value}>
              {title}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

interface ButtonProps {
  readonly action: Action<[]>
  readonly kind?: 'main' | 'small' | 'danger' | 'plain'
  readonly isSubmit?: boolean
  readonly isDisabled?: boolean
  readonly label?: string
  readonly children: ComponentChildren
}

/** A button that says while it works, and takes no second click meanwhile. */
export function ActionButton({
  action,
  kind = 'plain',
  isSubmit = false,
  isDisabled = false,
  label,
  children,
}: ButtonProps) {
  return (
    <button
      type={isSubmit ? 'submit' : 'button'}
      class={kind}
      disabled={isDisabled}
      aria-busy={action.isBusy}
      aria-label={label}
      onClick={isSubmit ? undefined : () => action.isBusy || action.run()}
    >
      {children}
    </button>
  )
}

/** A form whose sending is an action; its problem stands at its end. */
export function ActionForm({
  action,
  children,
}: {
  readonly action: Action<[]>
  readonly children: ComponentChildren
}) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (!action.isBusy) action.run()
      }}
    >
      {children}
      <ProblemNotice problem={action.problem} />
    </form>
  )
}

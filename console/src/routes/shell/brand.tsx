export function Mark({ size = 22 }: { readonly size?: number }) {
  return (
    <svg aria-hidden="true" width={size} height={size} viewBox="0 0 32 32" fill="none" strokeLinecap="round">
      <rect width="32" height="32" rx="8" className="fill-accent" />
      <path d="M8 24V14a8 8 0 0 1 16 0v10" className="stroke-on-accent" strokeWidth="2.6" />
      <path
        d="M8 19.5q2-2 4 0t4 0 4 0 4 0M8 24.2q2-2 4 0t4 0 4 0 4 0"
        className="stroke-on-accent"
        opacity="0.7"
        strokeWidth="2.2"
      />
    </svg>
  )
}

package main

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"math"
)

// group is a title and the bars below it.
type group struct {
	title string
	bars  []bar
}

type bar struct {
	name  string
	value float64 // more than 0
}

// The chart's measures, in the units of its viewBox.
const (
	chartWidth  = 760
	labelWidth  = 190
	valueWidth  = 70
	barHeight   = 16
	groupHeight = 30 // of a title
)

// style has colours for a light and a dark page: the chart itself is transparent.
const style = `<style>
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 }
.axis { fill: #59636e }
line { stroke: #8c959f; stroke-opacity: 0.35 }
.bar0 { fill: #8c959f } .bar1 { fill: #0969da } .bar2 { fill: #1a7f37 } .bar3 { fill: #bc4c00 }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc } .axis { fill: #9198a1 }
.bar1 { fill: #4493f8 } .bar2 { fill: #3fb950 } .bar3 { fill: #db6d28 }
}
</style>
`

// chart is an SVG of horizontal bars in groups, on a logarithmic scale from 10 on.
func chart(title string, groups []group) ([]byte, error) {
	most, height := 100.0, 2*groupHeight
	for _, g := range groups {
		height += groupHeight + len(g.bars)*barHeight
		for _, b := range g.bars {
			if !(b.value > 0) || math.IsInf(b.value, 0) { // not a number, neither
				return nil, errors.New("a bar without a value")
			}
			most = max(most, b.value)
		}
	}
	decades := math.Ceil(math.Log10(most)) - 1
	x := func(value float64) float64 {
		return labelWidth + max(0, math.Log10(value)-1)/decades*(chartWidth-labelWidth-valueWidth)
	}
	var svg bytes.Buffer
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s">`+"\n%s", chartWidth, height, html.EscapeString(title), style)
	fmt.Fprintf(&svg, `<text class="title" x="0" y="14">%s</text>`+"\n", html.EscapeString(title))
	for value := 10.0; value <= math.Pow(10, decades+1); value *= 10 {
		fmt.Fprintf(&svg, `<line x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>`, x(value), x(value), groupHeight, height-groupHeight/2)
		fmt.Fprintf(&svg, `<text class="axis" x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", x(value), height-2, thousands(value))
	}
	y := groupHeight
	for _, g := range groups {
		fmt.Fprintf(&svg, `<text class="title" x="0" y="%d">%s</text>`+"\n", y+16, html.EscapeString(g.title))
		y += groupHeight - 6
		for i, b := range g.bars {
			fmt.Fprintf(&svg, `<text x="%d" y="%d" text-anchor="end">%s</text>`, labelWidth-8, y+12, html.EscapeString(b.name))
			fmt.Fprintf(&svg, `<rect class="bar%d" x="%d" y="%d" width="%.1f" height="%d"/>`, i%4, labelWidth, y+2, max(1, x(b.value)-labelWidth), barHeight-3)
			fmt.Fprintf(&svg, `<text x="%.1f" y="%d">%s</text>`+"\n", x(b.value)+5, y+12, thousands(b.value))
			y += barHeight
		}
		y += 6
	}
	svg.WriteString("</svg>\n")
	return svg.Bytes(), nil
}
